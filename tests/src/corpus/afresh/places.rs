//! Places where a value stands in the format of a tool.

use super::{Kind, Place};

macro_rules! places {
    ($($layout:literal, $path:literal, $kind:ident, $template:literal;)*) => {
        pub(super) const ALL: &[Place] = &[$(
            Place { layout: $layout, path: $path, template: $template, kind: Kind::$kind },
        )*];
    };
}

places! {
    // What keeps logins in a home.
    "netrc", ".netrc", Password, "machine git.internal\n  login deploy\n  password §v§\n";
    "netrc, one line", "home/.netrc", Token, "machine git.internal login deploy password §v§\n";
    "pgpass", ".pgpass", Password, "# host:port:db:user:password\ndb.internal:5432:app:app:§v§\n";
    "my.cnf", ".my.cnf", Password, "[client]\nuser = app\npassword = §v§\nhost = db.internal\n";
    "npmrc", ".npmrc", Token, "registry=https://npm.internal/\n//npm.internal/:_authToken=§v§\n";
    "npmrc, login", ".npmrc", Password, "//npm.internal/:_auth=§login§\nalways-auth=true\n";
    "pypirc", ".pypirc", Password, "[distutils]\nindex-servers = internal\n\n[internal]\nrepository = https://pypi.internal/\nusername = deploy\npassword = §v§\n";
    "Maven", "settings.xml", Password, "<settings>\n  <servers>\n    <server>\n      <id>nexus</id>\n      <username>deploy</username>\n      <password>§v§</password>\n    </server>\n  </servers>\n</settings>\n";
    "Gradle", "gradle.properties", Password, "org.gradle.jvmargs=-Xmx2g\nnexusUsername=deploy\nnexusPassword=§v§\n";
    "NuGet", "nuget.config", Password, "<configuration>\n  <packageSourceCredentials>\n    <internal>\n      <add key=\"Username\" value=\"deploy\" />\n      <add key=\"ClearTextPassword\" value=\"§v§\" />\n    </internal>\n  </packageSourceCredentials>\n</configuration>\n";
    "Cargo", ".cargo/credentials.toml", Token, "[registries.internal]\ntoken = \"Bearer §v§\"\n";
    "Composer", "auth.json", Password, "{\n  \"http-basic\": {\n    \"repo.internal\": {\n      \"username\": \"deploy\",\n      \"password\": \"§v§\"\n    }\n  }\n}\n";
    "Bundler", ".bundle/config", Password, "---\nBUNDLE_GEMS__INTERNAL: \"deploy:§v§\"\n";
    "gh", ".config/gh/hosts.yml", Hex, "github.internal:\n    user: deploy\n    oauth_token: §v§\n    git_protocol: https\n";
    "Terraform CLI", ".terraformrc", Token, "credentials \"app.terraform.internal\" {\n  token = \"§v§\"\n}\n";
    "s3cmd", ".s3cfg", Token, "[default]\naccess_key = deploy\nsecret_key = §v§\nhost_base = s3.internal\n";
    "rclone", "rclone.conf", Token, "[backup]\ntype = s3\naccess_key_id = deploy\nsecret_access_key = §v§\n";
    "git credentials", ".git-credentials", Token, "https://deploy:§v§@git.internal\n";
    "Helm repositories", "repositories.yaml", Password, "apiVersion: \"\"\nrepositories:\n  - name: internal\n    url: https://charts.internal\n    username: deploy\n    password: §v§\n";

    // Servers.
    "redis.conf", "redis.conf", Password, "bind 0.0.0.0\nport 6379\nrequirepass §v§\n";
    "redis ACL", "users.acl", Password, "user default off\nuser app on >§v§ ~* +@all\n";
    "BIND key", "rndc.key", Token, "key \"rndc-key\" {\n    algorithm hmac-sha256;\n    secret \"§b64§\";\n};\n";
    "wpa_supplicant", "wpa_supplicant.conf", Password, "network={\n  ssid=\"office\"\n  psk=\"§v§\"\n}\n";
    "ipsec.secrets", "ipsec.secrets", Password, "10.0.0.1 10.0.0.2 : PSK \"§v§\"\n";
    "FreeRADIUS", "clients.conf", Password, "client office {\n  ipaddr = 10.0.0.0/24\n  secret = §v§\n}\n";
    "Dovecot", "dovecot-sql.conf.ext", Password, "driver = pgsql\nconnect = host=db.internal dbname=mail user=mail password=§v§\n";
    "Postfix sasl", "sasl_passwd", Password, "[smtp.internal]:587 deploy:§v§\n";
    "RabbitMQ", "rabbitmq.conf", Password, "default_user = app\ndefault_pass = §v§\n";
    "RabbitMQ definitions", "definitions.json", Password, "{\"users\": [{\"name\": \"app\", \"password\": \"§v§\", \"tags\": \"administrator\"}]}\n";
    "HAProxy", "haproxy.cfg", Password, "userlist admins\n  user admin insecure-password §v§\n";
    "nginx header", "nginx.conf", Token, "location / {\n  proxy_set_header Authorization \"Bearer §v§\";\n  proxy_pass http://api;\n}\n";
    "nginx basic", "site.conf", Password, "location / {\n  proxy_set_header Authorization \"Basic §login§\";\n}\n";
    "MongoDB", "init-mongo.js", Password, "db.createUser({\n  user: 'app',\n  pwd: '§v§',\n  roles: ['readWrite'],\n});\n";
    "SQL, create user", "init.sql", Password, "CREATE DATABASE app;\nCREATE USER app WITH PASSWORD '§v§';\n";
    "SQL, alter role", "roles.sql", Password, "ALTER ROLE app LOGIN ENCRYPTED PASSWORD '§v§';\n";
    "SQL, identified by", "grants.sql", Password, "CREATE USER 'app'@'%' IDENTIFIED BY '§v§';\n";
    "WordPress", "wp-config.php", Password, "<?php\ndefine('DB_USER', 'wp');\ndefine('DB_PASSWORD', '§v§');\n";
    "Django", "settings.py", Password, "DATABASES = {\n    'default': {\n        'USER': 'app',\n        'PASSWORD': '§v§',\n    }\n}\n";
    "Django key", "app/settings.py", Token, "DEBUG = False\nSECRET_KEY = '§v§'\n";
    "Rails", "config/database.yml", Password, "production:\n  adapter: postgresql\n  username: app\n  password: §v§\n";
    "Spring", "application.yml", Password, "spring:\n  datasource:\n    username: app\n    password: §v§\n";
    "Spring properties", "application-prod.properties", Password, "spring.datasource.username=app\nspring.datasource.password=§v§\n";
    ".NET", "appsettings.Production.json", Password, "{\n  \"ConnectionStrings\": {\n    \"Default\": \"Server=db.internal;Database=app;User Id=app;Password=§v§;\"\n  }\n}\n";
    "web.config", "web.config", Token, "<configuration>\n  <appSettings>\n    <add key=\"ApiSecret\" value=\"§v§\" />\n  </appSettings>\n</configuration>\n";
    "JDBC", "context.xml", Password, "<Context>\n  <Resource name=\"jdbc/app\" username=\"app\" password=\"§v§\" url=\"jdbc:postgresql://db/app\"/>\n</Context>\n";
    "ODBC", "dsn.txt", Password, "Driver={PostgreSQL};Server=db.internal;Uid=app;Pwd=§v§;\n";
    "Alertmanager", "alertmanager.yml", Password, "global:\n  smtp_auth_username: alerts\n  smtp_auth_password: '§v§'\n";
    "Alertmanager, Opsgenie", "am.yaml", Hex, "receivers:\n  - name: ops\n    opsgenie_configs:\n      - api_key: §v§\n";
    "Prometheus", "prometheus.yml", Password, "scrape_configs:\n  - job_name: node\n    basic_auth:\n      username: scrape\n      password: §v§\n";
    "Prometheus, bearer", "prom.yml", Token, "remote_write:\n  - url: https://metrics.internal/push\n    authorization:\n      type: Bearer\n      credentials: §v§\n";
    "Grafana data source", "datasources.yaml", Password, "apiVersion: 1\ndatasources:\n  - name: db\n    type: postgres\n    user: grafana\n    secureJsonData:\n      password: §v§\n";
    "grafana.ini", "grafana.ini", Password, "[security]\nadmin_user = admin\nadmin_password = §v§\n";
    "Loki", "loki.yaml", Token, "storage_config:\n  aws:\n    s3: s3://loki\n    access_key_id: loki\n    secret_access_key: §v§\n";
    "Keycloak realm", "realm.json", Token, "{\"realm\": \"a\", \"clients\": [{\"clientId\": \"app\", \"secret\": \"§v§\"}]}\n";
    "Dex", "dex.yaml", Token, "staticClients:\n  - id: app\n    redirectURIs: ['https://app/callback']\n    name: App\n    secret: §v§\n";
    "oauth2-proxy", "oauth2-proxy.cfg", Token, "client_id = \"app\"\nclient_secret = \"§v§\"\nupstreams = [\"http://a\"]\n";
    "Jenkins", "credentials.xml", Password, "<com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>\n  <id>nexus</id>\n  <username>deploy</username>\n  <password>§v§</password>\n</com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl>\n";

    // Clouds and CI.
    "CloudFormation parameters", "params.json", Password, "[\n  {\n    \"ParameterKey\": \"DBPassword\",\n    \"ParameterValue\": \"§v§\"\n  }\n]\n";
    "ARM parameters", "azuredeploy.parameters.json", Password, "{\n  \"parameters\": {\n    \"adminPassword\": {\n      \"value\": \"§v§\"\n    }\n  }\n}\n";
    "ECS task", "task.json", Password, "{\n  \"containerDefinitions\": [\n    {\"name\": \"a\", \"environment\": [\n      {\"name\": \"DB_PASSWORD\", \"value\": \"§v§\"}\n    ]}\n  ]\n}\n";
    "App Engine", "app.yaml", Password, "runtime: go122\nenv_variables:\n  DB_PASS: \"§v§\"\n";
    "serverless", "serverless.yml", Token, "service: a\nprovider:\n  name: aws\n  environment:\n    API_SECRET: §v§\n";
    "CircleCI", ".circleci/config.yml", Password, "jobs:\n  test:\n    docker:\n      - image: postgres\n        environment:\n          POSTGRES_PASSWORD: §v§\n";
    "Azure pipelines", "azure-pipelines.yml", Password, "variables:\n  - name: registryPassword\n    value: §v§\n";
    "Drone", ".drone.yml", Token, "steps:\n  - name: publish\n    settings:\n      username: deploy\n      password: §v§\n";
    "Travis", ".travis.yml", Password, "env:\n  global:\n    - DEPLOY_USER=deploy\n    - DEPLOY_PASSWORD=§v§\n";
    "Terraform provider", "provider.tf", Token, "provider \"grafana\" {\n  url  = \"https://grafana.internal\"\n  auth = \"admin:§v§\"\n}\n";
    "Terraform default", "variables.tf", Password, "variable \"db_password\" {\n  type    = string\n  default = \"§v§\"\n}\n";
    "Terraform set_sensitive", "release.tf", Password, "resource \"helm_release\" \"db\" {\n  set_sensitive {\n    name  = \"auth.password\"\n    value = \"§v§\"\n  }\n}\n";
    "tfstate", "terraform.tfstate", Password, "{\n  \"version\": 4,\n  \"resources\": [\n    {\"type\": \"random_password\", \"instances\": [\n      {\"attributes\": {\n        \"length\": 20,\n        \"result\": \"§v§\"\n      }}\n    ]}\n  ]\n}\n";
    "tfstate, output", "prod.tfstate", Token, "{\n  \"version\": 4,\n  \"outputs\": {\n    \"admin_token\": {\n      \"value\": \"§v§\",\n      \"type\": \"string\",\n      \"sensitive\": true\n    }\n  }\n}\n";
    "Ansible inventory", "inventory/hosts.ini", Password, "[db]\ndb1 ansible_host=10.0.0.5 ansible_user=root ansible_password=§v§\n";
    "Ansible variables", "group_vars/all.yml", Password, "---\npostgres_user: app\npostgres_pass: \"§v§\"\n";
    "Vagrant", "Vagrantfile", Password, "Vagrant.configure('2') do |config|\n  config.ssh.username = 'vagrant'\n  config.ssh.password = '§v§'\nend\n";
    "systemd", "app.service", Password, "[Service]\nEnvironment=\"DB_PASSWORD=§v§\"\nExecStart=/usr/bin/app\n";
    "preseed", "preseed.cfg", Password, "d-i passwd/username string deploy\nd-i passwd/user-password password §v§\n";
    "kickstart", "ks.cfg", Password, "lang en_GB\nrootpw --plaintext §v§\n";
    "cloud-init user", "user-data.yaml", Password, "#cloud-config\nusers:\n  - name: deploy\n    plain_text_passwd: §v§\n";

    // Kubernetes.
    "container arguments", "deploy.yaml", Password, "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          args:\n            - --db-user=app\n            - --db-password=§v§\n";
    "container arguments, apart", "job.yaml", Token, "kind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          args: [\"--user\", \"app\", \"--token\", \"§v§\"]\n";
    "container command", "cron.yaml", Password, "kind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - command: [sh, -c, \"PGPASSWORD=§v§ pg_dump -h db app\"]\n";
    "probe header", "probe.yaml", Token, "kind: Pod\nspec:\n  containers:\n    - name: a\n      livenessProbe:\n        httpGet:\n          path: /\n          httpHeaders:\n            - name: Authorization\n              value: Bearer §v§\n";
    "ConfigMap, properties", "cm.yaml", Password, "kind: ConfigMap\ndata:\n  application.properties: |\n    spring.datasource.username=app\n    spring.datasource.password=§v§\n";
    "Secret, folded", "s.yaml", Password, "kind: Secret\nstringData:\n  config.ini: >-\n    [db]\n    password=§v§\n";
    "Secret, patch operation", "patch.yaml", Password, "- op: replace\n  path: /stringData/password\n  value: §v§\n";
    "secretGenerator", "kustomization.yaml", Password, "secretGenerator:\n  - name: db\n    literals:\n      - username=app\n      - password=§v§\n";
    "Helm values, nested", "values.yaml", Password, "postgresql:\n  auth:\n    username: app\n    password: §v§\n    database: app\n";
    "Helm values, env list", "values-dev.yaml", Token, "extraEnvVars:\n  - name: OIDC_CLIENT_SECRET\n    value: §v§\n";
    "Argo CD repository", "repo.yaml", Password, "apiVersion: v1\nkind: Secret\nmetadata:\n  labels:\n    argocd.argoproj.io/secret-type: repository\nstringData:\n  type: git\n  url: https://git.internal/a\n  username: deploy\n  password: §v§\n";
    "Argo CD parameter", "app.yaml", Password, "kind: Application\nspec:\n  source:\n    helm:\n      parameters:\n        - name: auth.password\n          value: §v§\n";
    "Tekton basic auth", "tekton.yaml", Password, "kind: Secret\ntype: kubernetes.io/basic-auth\nstringData:\n  username: deploy\n  password: §v§\n";
    "compose", "docker-compose.prod.yml", Password, "services:\n  db:\n    image: postgres\n    environment:\n      - POSTGRES_USER=app\n      - POSTGRES_PASSWORD=§v§\n";
    "compose, command", "docker-compose.yml", Password, "services:\n  cache:\n    image: redis\n    command: redis-server --requirepass §v§\n";

    // Commands.
    "curl -u", "check.sh", Password, "#!/bin/sh\ncurl -fsS -u deploy:§v§ https://api.internal/health\n";
    "curl header", "notify.sh", Token, "#!/bin/sh\ncurl -H 'Authorization: Bearer §v§' https://api.internal/\n";
    "curl own header", "push.sh", Hex, "curl -H \"X-Api-Key: §v§\" https://api.internal/\n";
    "docker login", "login.sh", Password, "docker login -u deploy -p §v§ registry.internal\n";
    "docker run", "run.sh", Password, "docker run -d --name db \\\n  -e POSTGRES_PASSWORD=§v§ \\\n  postgres:16\n";
    "helm --set", "install.sh", Password, "helm upgrade --install db bitnami/postgresql \\\n  --set auth.username=app \\\n  --set auth.password=§v§\n";
    "kubectl create", "secret.sh", Password, "kubectl create secret generic db --from-literal=username=app --from-literal=password='§v§'\n";
    "kubectl registry", "pull.sh", Password, "kubectl create secret docker-registry reg --docker-server=r.internal --docker-username=deploy --docker-password=§v§\n";
    "vault kv put", "seed.sh", Password, "vault kv put secret/db username=app password=§v§\n";
    "sshpass", "deploy.sh", Password, "sshpass -p '§v§' ssh root@10.0.0.5 uptime\n";
    "mysql -p", "dump.sh", Password, "mysqldump -u root -p'§v§' app > app.sql\n";
    "psql", "query.sh", Password, "PGPASSWORD='§v§' psql -h db.internal -U app\n";
    "rabbitmqctl", "mq.sh", Password, "rabbitmqctl add_user app §v§\n";
    "htpasswd", "users.sh", Password, "htpasswd -bc /etc/nginx/users admin §v§\n";
    "openssl", "cert.sh", Password, "openssl pkcs12 -export -in a.pem -out a.p12 -passout pass:§v§\n";
    "keytool", "store.sh", Password, "keytool -genkeypair -alias a -keystore a.jks -storepass §v§\n";
    "chpasswd", "init.sh", Password, "echo 'deploy:§v§' | chpasswd\n";
    "gpg", "sign.sh", Password, "gpg --batch --passphrase '§v§' --sign a.tar\n";
    "az login", "az.sh", Token, "az login --service-principal -u app --password §v§ --tenant t\n";
    "PowerShell", "a.ps1", Password, "$password = ConvertTo-SecureString '§v§' -AsPlainText -Force\n";
    "cmd", "a.bat", Password, "@echo off\nset DB_PASSWORD=§v§\napp.exe\n";
    "fish", "config.fish", Token, "set -gx API_TOKEN §v§\n";
    "crontab", "crontab", Password, "0 3 * * * RESTIC_PASSWORD=§v§ restic backup /data\n";

    // Programs.
    "Python call", "client.py", Password, "conn = psycopg2.connect(host=\"db\", user=\"app\", password=\"§v§\")\n";
    "Python dictionary", "headers.py", Token, "HEADERS = {\"Authorization\": \"Bearer §v§\"}\n";
    "Go struct", "main.go", Password, "package main\n\nvar opts = redis.Options{\n\tAddr:     \"cache:6379\",\n\tPassword: \"§v§\",\n}\n";
    "JavaScript", "db.js", Password, "const pool = new Pool({ user: 'app', password: '§v§', host: 'db' });\n";
    "Java setter", "Db.java", Password, "class Db {\n  void init() {\n    source.setUsername(\"app\");\n    source.setPassword(\"§v§\");\n  }\n}\n";
    "Ruby", "db.rb", Password, "DB = Sequel.connect(adapter: :postgres, user: 'app', password: '§v§')\n";
    "Rust", "main.rs", Token, "const API_TOKEN: &str = \"§v§\";\n";
    "C define", "config.h", Password, "#define WIFI_SSID \"office\"\n#define WIFI_PASSWORD \"§v§\"\n";
    "Postman", "api.postman_environment.json", Token, "{\n  \"values\": [\n    {\n      \"key\": \"api_token\",\n      \"value\": \"§v§\",\n      \"type\": \"secret\"\n    }\n  ]\n}\n";
    "HTTP file", "api.http", Token, "GET https://api.internal/v1/me\nAuthorization: Bearer §v§\nAccept: application/json\n";
    "HTTP basic", "api2.http", Password, "GET https://api.internal/v1/me\nAuthorization: Basic §login§\n";
    "Insomnia", "insomnia.json", Password, "{\"resources\": [{\"authentication\": {\"type\": \"basic\", \"username\": \"deploy\", \"password\": \"§v§\"}}]}\n";

    // Prose.
    "README", "README.md", Password, "# App\n\nLog in at https://app.internal with user `admin` and password `§v§`.\n";
    "table", "docs/accounts.md", Password, "| system | user | password |\n| --- | --- | --- |\n| db | app | §v§ |\n";
    "to-do", "TODO.txt", Token, "- rotate api key: §v§\n";
    "comment in YAML", "old.yaml", Password, "db:\n  user: app\n  # password: §v§\n  host: db.internal\n";
    "comment in code", "app.py", Password, "def connect():\n    # TODO: db password is '§v§', take it from the environment\n    return None\n";
}
