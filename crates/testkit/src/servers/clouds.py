"""Cloud KMS and Cloud Storage of Google and Key Vault of Azure, for tests: their protocols, over real TLS, with real AES and RSA.

Google and Microsoft have no server that could be had, so this is one. It is written against their documentation, and
held to it by sops, whose clients are Google's and Microsoft's own: what they would not talk to, tests would show.

    clouds.py DIRECTORY HTTP_PORT TLS_PORT PROXY_PORT

DIRECTORY gets `ca.pem`, and `service-account.json` with the key of a service account of Google. Plain HTTP is served on HTTP_PORT, the same over TLS on TLS_PORT; on PROXY_PORT is a proxy that
connects every host to TLS_PORT, so that `https://NAME.vault.azure.net` leads here.

The name of a key or a bucket says how it behaves: `hang`, `garbage`, `huge`, `throttled`, `broken`, `denied`, `disabled`, `missing`,
`expired`, `redirect`; `busy` fails twice and then works. All others are good keys. Calls to KMS of AWS (`X-Amz-Target`)
are answered as the last part of the key's ARN says, and never well: moto is there for that.
"""

import base64
import collections
import datetime
import hashlib
import ipaddress
import json
import os
import re
import select
import socket
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# The only credentials that are good. Each login gives the token, so that a test sees which one was used.
GOOGLE_TOKEN = "ya29.test-token"
GOOGLE_ACCOUNT = "sealer@test-project.iam.gserviceaccount.com"
GOOGLE_REFRESH = "test-google-refresh"
GOOGLE_SUBJECT = "a.b.c"
AZURE_TOKEN = "test-entra-token"
AZURE_SECRET = "test-client-secret"
AZURE_VERSION = "0123456789abcdef0123456789abcdef"

HOSTS = [
    "127.0.0.1",
    "localhost",
    "*.vault.azure.net",
    "login.microsoftonline.com",
    "cloudkms.googleapis.com",
    "storage.googleapis.com",
    "oauth2.googleapis.com",
    "sts.googleapis.com",
    "iamcredentials.googleapis.com",
]
RSA_KEY = rsa.generate_private_key(65537, 2048)
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
FAULTS = "hang garbage huge throttled broken denied disabled missing expired redirect busy".split()
calls = collections.Counter()
objects = {}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def is_signed_by_account(token):
    """Whether this is a token that the service account signed itself, and that is good at this hour."""
    try:
        head, claims, signature = token.split(".")
        RSA_KEY.public_key().verify(unb64url(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        claims = json.loads(unb64url(claims))
        return claims["iss"] == GOOGLE_ACCOUNT and claims["iat"] - 60 <= time.time() < claims["exp"]
    except Exception:
        return False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        print(self.headers.get("host"), self.path, args[1] if len(args) > 1 else "", flush=True)

    def do_GET(self):
        self.route(b"")

    def do_POST(self):
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.route(body)

    def route(self, body):
        path = urllib.parse.unquote(self.path.split("?")[0])
        if target := self.headers.get("x-amz-target"):
            return self.aws(json.loads(body), target)
        if match := re.fullmatch(r"/v1/(projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/([^/:]+)):(encrypt|decrypt)", path):
            return self.google(match[1], match[2], match[3], json.loads(body))
        if match := re.fullmatch(r"/(upload/)?storage/v1/b/([^/]+)/o(?:/(.+))?", path):
            return self.storage(match[2], match[3], body if match[1] else None)
        if match := re.fullmatch(r"/keys/([^/]+)(?:/([^/]*))?(?:/(encrypt|decrypt))?", path):
            return self.azure(match[1], match[2], match[3], body)
        if path.endswith(":generateAccessToken"):
            return self.impersonation(json.loads(body))
        if path.endswith("/token"):
            if "json" in self.headers.get("content-type", ""):
                # Google takes either, and its libraries differ.
                return self.token(path, {name: [value] for name, value in json.loads(body).items()})
            return self.token(path, urllib.parse.parse_qs(body.decode()))
        if "/discovery/instance" in path:
            return self.answer(200, DISCOVERY)
        if path.endswith("/openid-configuration"):
            return self.answer(200, OPENID)
        self.answer(404, {"error": {"code": "NotFound", "message": "no such path"}})

    def answer(self, status, value, headers=()):
        self.raw(status, json.dumps(value).encode(), [("content-type", "application/json"), *headers])

    def raw(self, status, body, headers=()):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def misbehaves(self, key, statuses, error):
        """Does what the key's name says, if that is something bad."""
        if key == "hang":
            time.sleep(120)
        elif key == "garbage":
            self.raw(200, b"<html>hello</html>")
        elif key == "huge":
            self.raw(200, b"x" * (10 << 20))
        elif key == "redirect":
            self.raw(307, b"", [("location", os.environ.get("REDIRECT_TO", "http://127.0.0.1:1/"))])
        elif key in statuses:
            error(*statuses[key])
        elif key == "busy" and calls[key] < 2:
            calls[key] += 1
            error(*statuses["broken"])
        else:
            return False
        return True

    # Google Cloud KMS

    def google(self, name, key, verb, request):
        statuses = {
            "throttled": (429, "RESOURCE_EXHAUSTED"),
            "broken": (503, "UNAVAILABLE"),
            "denied": (403, "PERMISSION_DENIED"),
            "disabled": (400, "FAILED_PRECONDITION"),
            "missing": (404, "NOT_FOUND"),
            "expired": (401, "UNAUTHENTICATED"),
        }

        def error(status, code):
            self.answer(status, {"error": {"code": status, "message": "a message", "status": code}})

        if self.misbehaves(key, statuses, error):
            return
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        if token != GOOGLE_TOKEN and not is_signed_by_account(token):
            return error(401, "UNAUTHENTICATED")
        aes = AESGCM(hashlib.sha256(name.encode()).digest())
        if verb == "encrypt":
            plaintext = base64.b64decode(request["plaintext"])
            if int(request.get("plaintextCrc32c", crc32c(plaintext))) != crc32c(plaintext):
                return error(400, "INVALID_ARGUMENT")
            nonce = os.urandom(12)
            ciphertext = nonce + aes.encrypt(nonce, plaintext, None)
            return self.answer(200, {
                "name": name + "/cryptoKeyVersions/1",
                "ciphertext": base64.b64encode(ciphertext).decode(),
                "ciphertextCrc32c": str(crc32c(ciphertext)),
                "verifiedPlaintextCrc32c": "plaintextCrc32c" in request,
                "protectionLevel": "SOFTWARE",
            })
        ciphertext = base64.b64decode(request["ciphertext"])
        try:
            plaintext = aes.decrypt(ciphertext[:12], ciphertext[12:], None)
        except Exception:
            return error(400, "INVALID_ARGUMENT")
        self.answer(200, {
            "plaintext": base64.b64encode(plaintext).decode(),
            "plaintextCrc32c": str(crc32c(plaintext)),
            "usedPrimary": True,
            "protectionLevel": "SOFTWARE",
        })

    # Google Cloud Storage: an upload in one request, and what tests look at

    def storage(self, bucket, name, body):
        def error(status, code):
            self.answer(status, {"error": {"code": status, "message": "a message", "status": code}})

        statuses = {"throttled": (429, ""), "broken": (503, ""), "denied": (403, ""), "missing": (404, "")}
        if self.misbehaves(bucket, statuses, error):
            return
        # As Google's own emulators: who is asked by a name of Google's wants to know who asks.
        is_google = (self.headers.get("host") or "").startswith("storage.googleapis.com")
        if is_google and self.headers.get("authorization") != "Bearer " + GOOGLE_TOKEN:
            return error(401, "")
        if body is None:
            if (bucket, name) not in objects:
                return error(404, "")
            kind, content = objects[bucket, name]
            return self.raw(200, content, [("content-type", kind)])
        query = urllib.parse.parse_qs(self.path.partition("?")[2])
        kind = self.headers.get("content-type", "")
        name = query.get("name", [None])[0]
        if query["uploadType"] == ["multipart"]:
            boundary = re.search(r'boundary="?([^";]+)', kind)[1].encode()
            about, media = body.split(b"--" + boundary)[1:3]
            name = json.loads(about.split(b"\r\n\r\n", 1)[1])["name"]
            head, body = media.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)
            body = body.removesuffix(b"\r\n")
            kind = re.search(rb"(?i)content-type: *(.*)", head)[1].decode().strip()
        elif query["uploadType"] != ["media"]:
            return error(400, "")
        objects[bucket, name] = (kind, body)
        self.answer(200, {"kind": "storage#object", "bucket": bucket, "name": name, "size": str(len(body)), "contentType": kind})

    # Azure Key Vault

    def azure(self, key, version, verb, body):
        statuses = {
            "throttled": (429, "Throttled"),
            "broken": (500, "InternalServerError"),
            "denied": (403, "Forbidden"),
            "disabled": (403, "KeyDisabled"),
            "missing": (404, "KeyNotFound"),
            "expired": (401, "Unauthorized"),
        }
        challenge = ("www-authenticate", 'Bearer authorization="https://login.microsoftonline.com/t1", resource="https://vault.azure.net"')

        def error(status, code):
            headers = [challenge] if status == 401 else []
            self.answer(status, {"error": {"code": code, "message": "a message"}}, headers)

        # A client asks without a token first, to be told for what it needs one.
        authorization = self.headers.get("authorization")
        if not authorization:
            return error(401, "Unauthorized")
        if self.misbehaves(key, statuses, error):
            return
        if authorization != "Bearer " + AZURE_TOKEN:
            return error(401, "Unauthorized")
        kid = f"https://{self.headers.get('host')}/keys/{key}/{version or AZURE_VERSION}"
        if not verb:
            numbers = RSA_KEY.public_key().public_numbers()
            modulus = b64url(numbers.n.to_bytes(256, "big"))
            return self.answer(200, {
                "key": {"kid": kid, "kty": "RSA", "key_ops": ["encrypt", "decrypt"], "n": modulus, "e": "AQAB"},
                "attributes": {"enabled": True, "created": 1700000000, "updated": 1700000000},
            })
        request = json.loads(body)
        try:
            assert request["alg"] == "RSA-OAEP-256"
            assert version == AZURE_VERSION
            value = unb64url(request["value"])
            done = RSA_KEY.public_key().encrypt(value, OAEP) if verb == "encrypt" else RSA_KEY.decrypt(value, OAEP)
        except Exception:
            return error(400, "BadParameter")
        self.answer(200, {"kid": kid, "value": b64url(done)})

    def token(self, path, form):
        """Logins: Entra ID, a managed identity of App Service, Google's exchange of tokens."""
        host = (self.headers.get("host") or "").split(":")[0]
        answer = {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599}
        if host == "login.microsoftonline.com":
            good = form.get("client_secret") == [AZURE_SECRET] or "client_assertion" in form
            if not good:
                return self.answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"})
            return self.answer(200, {**answer, "access_token": AZURE_TOKEN})
        if path.startswith("/msi/"):
            expires = str(int(time.time()) + 3600)
            return self.answer(200, {"access_token": AZURE_TOKEN, "expires_on": expires, "resource": "https://vault.azure.net", "token_type": "Bearer", "client_id": "c"})
        grants = {
            "urn:ietf:params:oauth:grant-type:token-exchange": form.get("subject_token") == [GOOGLE_SUBJECT],
            "refresh_token": form.get("refresh_token") == [GOOGLE_REFRESH],
            "urn:ietf:params:oauth:grant-type:jwt-bearer": is_signed_by_account(form.get("assertion", [""])[0]),
        }
        if not grants.get(form.get("grant_type", [""])[0]):
            return self.answer(400, {"error": "invalid_grant", "error_description": "a message"})
        issued = "urn:ietf:params:oauth:token-type:access_token"
        self.answer(200, {**answer, "access_token": GOOGLE_TOKEN, "issued_token_type": issued})

    def impersonation(self, request):
        if self.headers.get("authorization") != "Bearer " + GOOGLE_TOKEN or not request.get("scope"):
            return self.answer(403, {"error": {"code": 403, "message": "a message", "status": "PERMISSION_DENIED"}})
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        self.answer(200, {"accessToken": GOOGLE_TOKEN, "expireTime": expires.strftime("%Y-%m-%dT%H:%M:%SZ")})

    # AWS KMS, where it fails

    def aws(self, request, target):
        key = request.get("KeyId", "").rsplit("/", 1)[-1]
        statuses = {
            "throttled": (400, "ThrottlingException"),
            "broken": (500, "KMSInternalException"),
            "denied": (400, "AccessDeniedException"),
            "disabled": (400, "DisabledException"),
            "missing": (400, "NotFoundException"),
            "expired": (400, "ExpiredTokenException"),
        }

        def error(status, code):
            self.answer(status, {"__type": code, "message": "a message"}, [("x-amzn-requestid", "r")])

        if not self.misbehaves(key, statuses, error):
            error(400, "NotFoundException")


DISCOVERY = {
    "tenant_discovery_endpoint": "https://login.microsoftonline.com/t1/v2.0/.well-known/openid-configuration",
    "api-version": "1.1",
    "metadata": [{
        "preferred_network": "login.microsoftonline.com",
        "preferred_cache": "login.windows.net",
        "aliases": ["login.microsoftonline.com", "login.windows.net"],
    }],
}
OPENID = {
    "token_endpoint": "https://login.microsoftonline.com/t1/oauth2/v2.0/token",
    "authorization_endpoint": "https://login.microsoftonline.com/t1/oauth2/v2.0/authorize",
    "issuer": "https://login.microsoftonline.com/t1/v2.0",
    "jwks_uri": "https://login.microsoftonline.com/t1/keys",
}


def certificates(directory):
    """Makes an authority, leaves it in `ca.pem`, and gives a server's key and certificate."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def name(text):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def begin(subject, issuer, key):
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2))

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = name("test authority of bulla")
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    ca = begin(ca_name, ca_name, ca_key)
    ca = ca.add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
    ca = ca.add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), False)
    ca = ca.sign(ca_key, hashes.SHA256())
    names = [x509.IPAddress(ipaddress.ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in HOSTS]
    leaf = begin(name("test server of bulla"), ca_name, key)
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), False)
    leaf = leaf.add_extension(x509.BasicConstraints(False, None), True)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
    leaf = leaf.sign(ca_key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    with open(os.path.join(directory, "ca.pem"), "wb") as file:
        file.write(ca.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = os.path.join(directory, "server.pem")
    with open(path, "wb") as file:
        file.write(private + leaf.public_bytes(pem))
    return path


def service_account(directory):
    """Leaves the key of Google's service account there, as it is downloaded."""
    pem = serialization.Encoding.PEM
    private = RSA_KEY.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    account = {
        "type": "service_account",
        "project_id": "test-project",
        "private_key_id": "1",
        "private_key": private.decode(),
        "client_email": GOOGLE_ACCOUNT,
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    with open(os.path.join(directory, "service-account.json"), "w") as file:
        json.dump(account, file)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    context = None

    def finish_request(self, request, address):
        try:
            if self.context:
                request = self.context.wrap_socket(request, server_side=True)
            super().finish_request(request, address)
        except OSError:
            pass


def proxy(port, to):
    """Connects every host that is asked for to one port."""
    listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def carry(client):
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(4096)
            if not part:
                return client.close()
            head += part
        print("PROXY", head.split(b"\r\n")[0].decode(), flush=True)
        if not head.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 405 No\r\n\r\n")
            return client.close()
        server = socket.create_connection(("127.0.0.1", to))
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while ready := select.select([client, server], [], [], 120)[0]:
                for side in ready:
                    data = side.recv(65536)
                    if not data:
                        return
                    (server if side is client else client).sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            server.close()

    while True:
        threading.Thread(target=carry, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    directory, (plain, tls, through) = sys.argv[1], map(int, sys.argv[2:])
    service_account(directory)
    secure = Server(("127.0.0.1", tls), Handler)
    secure.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.context.load_cert_chain(certificates(directory))
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    threading.Thread(target=proxy, args=(through, tls), daemon=True).start()
    Server(("127.0.0.1", plain), Handler).serve_forever()
