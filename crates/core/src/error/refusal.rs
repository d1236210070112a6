//! What cannot be sealed as it is written, or not be written in another format.

/// Why a construct is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Only mappings can carry the `sops` block.
    #[error(
        "the top level is not a mapping, so there is no place for the `sops` block; wrap it in one"
    )]
    NotAMapping,
    /// sops reads the metadata from the first document.
    #[error("the first document is null; remove it")]
    FirstDocumentNull,
    /// sops takes string keys only.
    #[error("this key is not a string; put it in quotes")]
    KeyNotAString,
    /// A mapping or list as a key.
    #[error("this key is a collection, which sops cannot read")]
    KeyIsCollection,
    /// Only one of the two would be opened, or both, depending on who reads.
    #[error("this key is there twice; remove one")]
    DuplicateKey,
    /// Beyond 64 bits with a sign.
    #[error("this integer does not fit 64 bits and sops cannot read it; put it in quotes")]
    Integer,
    /// An integer that is a float to some.
    #[error(
        "older versions of sops read this number as a float that is not the same, and the MAC would not hold for them; put it in quotes"
    )]
    DividedInteger,
    /// A float that loses digits.
    #[error("this number would lose digits when it is read as a float; put it in quotes")]
    FloatLosesDigits,
    /// `12345678e90`
    #[error("this would be read as a float, but looks like a key in hexadecimal; put it in quotes")]
    HexInDisguise,
    /// Tag and value disagree.
    #[error("the tag does not fit the value; correct or remove it")]
    Tag,
    /// A comment between a tag and its value.
    #[error("there is a comment between the tag and the value; move it")]
    TagComment,
    /// A collection shared by alias, where values are sealed by their path.
    #[error("this alias brings a mapping or list into the sealed part; write it out")]
    AliasOfCollection,
    /// A readable alias of a sealed value.
    #[error(
        "this alias shows a value that is sealed where its anchor stands; select it too, or write it out"
    )]
    AliasOfSealed,
    /// A key that is an alias of a sealed value.
    #[error("this key is an alias of a value that is sealed; write it out")]
    KeyOfSealed,
    /// An alias below its own anchor.
    #[error("this alias is part of what it stands for")]
    AliasOfItself,
    /// A change below an anchor, or behind an alias.
    #[error(
        "an alias shows this value in another place too, which would change with it; write it out there"
    )]
    Shared,
    /// An entry with a `?` before its key.
    #[error("this entry begins with a question mark; write it as `key: value`")]
    ExplicitKey,
    /// Something in the decoded `data` of a Secret that is no text.
    #[error(
        "this is shown decoded, so it has to be a text, without anchor, alias or tag; put !!binary before base64"
    )]
    DataNotText,
    /// Aliases of aliases, which multiply.
    #[error("the aliases of this file expand to too many values")]
    TooManyAliases,
    /// `pass#word` and `"a;b"` in INI, where go-ini ends the value at the mark.
    #[error(
        "sops ends this value at its `#` or `;` and takes the rest for a comment; put the value between backticks"
    )]
    CommentInValue,
    /// Text behind a closing backtick or `"""`, which go-ini drops.
    #[error("sops drops what stands behind this closing quote; put it on a line of its own")]
    LostBehindQuote,
    /// A readable value whose next line looks like another entry.
    #[error(
        "this value ends with a backslash, so the next line belongs to it and would stay readable with it; put the value between backticks"
    )]
    ContinuedEntry,
    /// A readable value that goes on at the end of the file.
    #[error(
        "this value ends with a backslash at the end of the file, so the `sops` block would belong to it; put the value between backticks"
    )]
    ContinuedToEnd,
    /// A key that go-ini writes so that it reads something else: `-`, `#x`.
    #[error("sops would write this key so that it cannot be read again; give it another name")]
    KeyLost,
    /// `%YAML 1.2`, which go-yaml refuses.
    #[error("go-yaml, and so sops, refuses a %YAML directive other than 1.1; remove it")]
    YamlDirective,
}

/// Why something cannot be written in another format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// A stream of several documents.
    #[error("there are several documents, and this format holds one; take YAML, or one of them")]
    Documents,
    /// A mapping or list where only texts can be.
    #[error("this is a mapping or list, and this format holds texts only; take YAML or JSON")]
    Collection,
    /// Something else than a mapping at the top level of INI.
    #[error("this is no mapping, and INI holds sections of keys; put it into one, or take YAML")]
    Section,
    /// A null where only texts can be.
    #[error("this is null, which is no text; remove it, or take YAML or JSON")]
    Null,
    /// Bytes where only texts can be.
    #[error("these bytes are no text; take YAML, or binary for a single value")]
    Binary,
    /// A number that JSON has no word for.
    #[error("JSON has no word for this number; put it in quotes")]
    Infinite,
    /// Two entries of one name.
    #[error("this key is there twice, and this format holds it once; rename one")]
    Twice,
    /// A name that would be read as something else.
    #[error("this format cannot hold a key of this name; rename it")]
    Key,
    /// The two characters `\\n` in dotenv.
    #[error("this holds a backslash before an n, which dotenv reads as a line break; take JSON")]
    Backslash,
    /// A text that no quotes of INI can hold.
    #[error("no quotes of INI can hold this text; take YAML or JSON")]
    Quotes,
    /// A tree without the entry that binary files have.
    #[error("there is no text at the key `data`, which binary files have; name another type")]
    NoData,
}
