"""Where machines and people get their credentials for AWS and Google Cloud from, for tests: the services' own protocols.

    logins.py PORT ACCESS_KEY_ID SECRET_ACCESS_KEY SESSION_TOKEN GOOGLE_TOKEN

What an instance of EC2 asks (IMDS, with a session token), what a container of ECS or EKS asks, what `aws sso login` leads
to (the portal, and the renewal of its token), and the metadata server of Google Cloud. Whoever asks in the right way gets
the access key of a session, or the token; whoever does not gets what the real service says then. sops is pointed here, too, so that
this cannot drift.
"""

import json
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SESSION = "test-imds-session"
CONTAINER = "test-container-authorization"
SSO_TOKEN = "test-sso-token"
SSO_REFRESH = "test-sso-refresh"


def in_an_hour():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        print(self.command, self.path, args[1] if len(args) > 1 else "", flush=True)

    def do_GET(self):
        self.route()

    def do_PUT(self):
        self.route()

    def do_POST(self):
        self.route()

    def route(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        url = urllib.parse.urlsplit(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        if url.path.startswith("/latest/"):
            self.instance(url.path.removeprefix("/latest/"))
        elif url.path == "/container":
            self.container()
        elif url.path == "/federation/credentials":
            self.portal(query)
        elif url.path == "/token":
            self.renewal(json.loads(body))
        elif url.path.startswith("/computeMetadata/v1/"):
            self.google(url.path.removeprefix("/computeMetadata/v1/"))
        elif url.path == "/":
            # How Google's libraries find out whether they are in the cloud at all.
            self.answer(200, "computeMetadata/", [("metadata-flavor", "Google")])
        else:
            self.answer(404, {"message": "no such path"})

    def answer(self, status, value, headers=()):
        text = value if isinstance(value, str) else json.dumps(value)
        kind = "text/plain" if isinstance(value, str) else "application/json"
        self.send_response(status)
        for name, value in [("content-length", str(len(text))), ("content-type", kind), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def instance(self, path):
        """IMDSv2: no answer without a session."""
        ttl = "x-aws-ec2-metadata-token-ttl-seconds"
        if path == "api/token":
            seconds = self.headers.get(ttl)
            if self.command != "PUT" or not seconds:
                return self.answer(400, "")
            return self.answer(200, SESSION, [(ttl, seconds)])
        if self.headers.get("x-aws-ec2-metadata-token") != SESSION:
            return self.answer(401, "")
        roles = "meta-data/iam/security-credentials/"
        if path == roles:
            return self.answer(200, "test-role")
        if path == roles + "test-role":
            return self.answer(200, {"Code": "Success", "LastUpdated": in_an_hour(), "Type": "AWS-HMAC", **self.keys()})
        self.answer(404, "")

    def container(self):
        if self.headers.get("authorization") != CONTAINER:
            return self.answer(401, {"code": "AccessDenied", "message": "a message"})
        self.answer(200, {"RoleArn": "arn:aws:iam::123456789012:role/task", **self.keys()})

    def keys(self):
        return {"AccessKeyId": KEY_ID, "SecretAccessKey": SECRET, "Token": TOKEN, "Expiration": in_an_hour()}

    def portal(self, query):
        if self.headers.get("x-amz-sso_bearer_token") != SSO_TOKEN:
            kind = [("x-amzn-errortype", "UnauthorizedException")]
            return self.answer(401, {"message": "Session token not found or invalid"}, kind)
        if query != {"role_name": "sealer", "account_id": "123456789012"}:
            kind = [("x-amzn-errortype", "ForbiddenException")]
            return self.answer(403, {"message": "No access"}, kind)
        self.answer(200, {"roleCredentials": {
            "accessKeyId": KEY_ID,
            "secretAccessKey": SECRET,
            "sessionToken": TOKEN,
            "expiration": int((time.time() + 3600) * 1000),
        }})

    def renewal(self, request):
        good = {"grantType": "refresh_token", "refreshToken": SSO_REFRESH, "clientId": "c", "clientSecret": "s"}
        if any(request.get(name) != value for name, value in good.items()):
            kind = [("x-amzn-errortype", "InvalidGrantException")]
            return self.answer(400, {"error": "invalid_grant", "error_description": "a message"}, kind)
        self.answer(200, {"accessToken": SSO_TOKEN, "tokenType": "Bearer", "expiresIn": 3600, "refreshToken": SSO_REFRESH})

    def google(self, path):
        flavor = [("metadata-flavor", "Google")]
        if self.headers.get("metadata-flavor") != "Google":
            return self.answer(403, "Missing Metadata-Flavor:Google header.", flavor)
        account = "instance/service-accounts/default"
        if path == account + "/token":
            token = {"access_token": GOOGLE_TOKEN, "expires_in": 3599, "token_type": "Bearer"}
            return self.answer(200, token, flavor)
        texts = {
            account + "/email": "test@p.iam.gserviceaccount.com",
            "project/project-id": "test-project",
            "universe/universe-domain": "googleapis.com",
        }
        if path in texts:
            return self.answer(200, texts[path], flavor)
        self.answer(404, "", flavor)


if __name__ == "__main__":
    KEY_ID, SECRET, TOKEN, GOOGLE_TOKEN = sys.argv[2:]
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
