#!/usr/bin/env python3
"""docs/integrity.md, step by step, with nothing but the standard library.

form.py           reads a described file as JSON, prints its forms and records
form.py --json    reads {"sealed": ..., "plain": ..., "data_key": ...}: a sealed file of
                  JSON and its plaintext as sops gives it; prints the record
"""

import hashlib
import hmac
import json
import re
import sys
from base64 import b64encode
from decimal import Decimal


def number(n):
    return n.to_bytes(8, "big")


def text(t):
    t = t if isinstance(t, bytes) else t.encode()
    return number(len(t)) + t


def key(data_key, label):
    extracted = hmac.digest(bytes(32), data_key, "sha256")
    return hmac.digest(extracted, label + b"\x01", "sha256")


def collections(path):
    """What a path leads through; a key that is there twice is [key, number]."""
    return [json.dumps(path[: n + 1]) for n in range(len(path) - 1)]


def write_path(path, before):
    shared = 0
    for ours, theirs in zip(collections(path), collections(before)):
        if ours != theirs:
            break
        shared += 1
    out = number(shared) + number(len(path) - shared)
    for step in path[shared:]:
        if isinstance(step, int):
            out += b"i" + number(step)
        else:
            out += b"k" + text(step if isinstance(step, str) else step[0])
    return out


def sort_key(path):
    """Keys by their bytes, then by which of several it is; items by their index."""
    steps = []
    for step in path:
        if isinstance(step, int):
            steps.append((step, 0))
        else:
            name, nth = (step, 0) if isinstance(step, str) else step
            steps.append((name.encode(), nth))
    return steps


def object_form(document):
    out, before = text(document["names"][1]), []
    entries = [e for e in document["entries"] if e[:2] == ["v", "x"] and e[3] not in "nml"]
    for _, _, path, kind, value in sorted(entries, key=lambda entry: sort_key(entry[2])):
        out += write_path(path, before) + kind.encode() + text(value)
        before = path
    return out


def file_form(described, objects):
    out = b"e" if described["only_encrypted"] else b"a"
    for part in [*described["selector"], described["layout"]]:
        out += text(part)
    out += number(described["needed"]) + number(len(described["groups"]))
    for group in described["groups"]:
        out += number(len(group))
        for fields in sorted(group, key=lambda fields: [field.encode() for field in fields]):
            out += number(len(fields)) + b"".join(map(text, fields))
    out += number(len(described["documents"]))
    for document, code in zip(described["documents"], objects):
        before = []
        for entry in document["entries"]:
            letters = (entry[0] + entry[1]).encode()
            if entry[0] == "c":
                out += letters + text(entry[2])
                continue
            if entry[1] == "r" and described["only_encrypted"]:
                continue
            out += letters + write_path(entry[2], before) + entry[3].encode()
            before = entry[2]
            if entry[1] == "r":
                out += text(entry[4])
        out += b"o" + b"".join(map(text, document["names"])) + code
    return out


def forms(described):
    data_key = bytes.fromhex(described["data_key"])
    object_key = key(data_key, b"bulla integrity v1 object")
    object_forms = [object_form(document) for document in described["documents"]]
    objects = [hmac.digest(object_key, form, "sha256") for form in object_forms]
    whole = file_form(described, objects)
    code = hmac.digest(key(data_key, b"bulla integrity v1 file"), whole, "sha256")
    parts = [["v1", code, *([each] if described["with_objects"] else [])] for each in objects]
    records = [".".join([v, *(b64encode(code).decode() for code in rest)]) for v, *rest in parts]
    return {
        "object_forms": [form.hex() for form in object_forms],
        "file_form": whole.hex(),
        "records": records,
    }


def mac_bytes(value):
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return value if isinstance(value, str) else str(value)


def selects(block):
    for name in ("encrypted_regex", "unencrypted_regex", "encrypted_suffix", "unencrypted_suffix"):
        if pattern := block.get(name):
            hit = (lambda k: re.search(pattern, k)) if "regex" in name else (lambda k: k.endswith(pattern))
            inverted = name.startswith("un")
            keys = lambda path: (step for step in path if isinstance(step, str))
            return (name, pattern), lambda path: any(map(hit, keys(path))) != inverted
    return ("", ""), lambda path: True


def leaves(sealed, plain, path, selected):
    """The entries of a sealed tree, with the values of its plaintext."""
    if isinstance(sealed, (dict, list)) and sealed:
        steps = sealed if isinstance(sealed, dict) else range(len(sealed))
        for step in steps:
            yield from leaves(sealed[step], plain[step], [*path, step], selected)
        return
    letter = "x" if selected(path) else "r"
    if sealed is None or isinstance(sealed, (dict, list)):
        kind = {type(None): "n", dict: "m", list: "l"}[type(sealed)]
        yield ["v", letter, path, kind, ""]
    elif letter == "x" and sealed != "":
        kinds = {"str": "s", "int": "i", "float": "f", "bool": "b", "time": "t", "bytes": "y"}
        kind = kinds[re.search(r",type:(\w+)\]$", sealed).group(1)]
        yield ["v", letter, path, kind, mac_bytes(plain)]
    else:
        kind = {bool: "b", int: "i", float: "f", str: "s"}[type(sealed)]
        yield ["v", letter, path, kind, mac_bytes(plain)]


def describe(sealed, plain, data_key):
    block = sealed.pop("sops")
    selector, selected = selects(block)
    entries = [
        entry
        for step in sealed
        for entry in leaves(sealed[step], plain[step], [step], selected)
    ]
    readable = {json.dumps(e[2]): e[4] for e in entries if e[1] == "r" and e[3] == "s"}
    at = [["apiVersion"], ["kind"], ["metadata", "namespace"], ["metadata", "name"]]
    names = [readable.get(json.dumps(path), "") for path in at]
    return {
        "data_key": data_key,
        "only_encrypted": block.get("mac_only_encrypted", False),
        "selector": selector,
        "layout": block["bulla"].get("layout", ""),
        "needed": 1,
        "groups": [[["age", age["recipient"]] for age in block["age"]]],
        "with_objects": bool(names[0] and names[1]),
        "documents": [{"names": names, "entries": entries}],
    }


given = json.load(sys.stdin)
if sys.argv[1:] == ["--json"]:
    given = describe(json.loads(given["sealed"]), json.loads(given["plain"]), given["data_key"])
json.dump(forms(given), sys.stdout)
