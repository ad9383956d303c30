//! How workloads are configured to reach the servers that they need: variables that name a host,
//! a port, a user, whether they stand in the workload, a ConfigMap or a Secret.

use std::collections::BTreeMap;

use firstfault_model::{Entity, Evidence, Masked, Name, Value};

use crate::lookup::host_and_port;
use crate::world::{Object, World};

/// The settings with which a workload reaches one server. Values are raw: they may be compared,
/// and a password is never shown.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The workload.
    pub client: Entity,
    /// What the variables' names begin with: `ORDERS_MYSQL`, `SPRING_DATASOURCE`.
    pub prefix: String,
    /// The host that is named.
    pub host: String,
    /// The port, where one is named.
    pub port: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// The Service that the host names, if it is known.
    pub service: Option<Entity>,
    /// Where the settings come from: the workload itself, a ConfigMap, a Secret.
    pub source: Entity,
    /// Where the host stands.
    pub evidence: Evidence,
    /// Where the port stands.
    pub port_evidence: Option<Evidence>,
}

/// One variable as a container gets it.
#[derive(Clone, Debug)]
pub struct Variable<'w> {
    /// Its value.
    pub value: String,
    /// The object that holds it.
    pub source: &'w Object,
    /// Its name there.
    pub key: String,
}

impl Variable<'_> {
    /// Where it stands; a value that may be secret is not shown.
    #[must_use]
    pub fn cite(&self) -> Evidence {
        let Self { value, source, key } = self;
        let tells = source.kind == "Secret"
            || PASSWORDS.iter().any(|p| ends(key, p).is_some())
            || key.to_uppercase().contains("TOKEN")
            || value.contains('@');
        let shown = if tells { "(set)" } else { value.as_str() };
        source.cite(&format!("{} {}: {key}: {shown}", source.kind, source.name))
    }
}

const HOSTS: &[&str] = &["HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS", "URL", "URI", "DSN", "JDBC_URL", "ENDPOINT"];
const PORTS: &[&str] = &["PORT"];
const USERS: &[&str] = &["USER", "USERNAME", "LOGIN"];
const PASSWORDS: &[&str] = &["PASSWORD", "PASS", "PWD", "PASSWD"];
const DATABASES: &[&str] = &["DATABASE", "DB_NAME", "DBNAME", "DB", "NAME"];

impl World {
    /// The variables of a pod spec's containers by name, as far as their sources were seen.
    #[must_use]
    pub fn variables<'w>(&'w self, owner: &'w Object, spec: &Value) -> BTreeMap<String, Variable<'w>> {
        let mut variables = BTreeMap::new();
        let namespace = owner.namespace.as_deref();
        for container in spec.get("containers").list() {
            for from in container.get("envFrom").list() {
                let prefix = from.get("prefix").text();
                for (path, kind) in [("configMapRef.name", "ConfigMap"), ("secretRef.name", "Secret")] {
                    let Some(source) = self.object(kind, namespace, from.at(path).text()) else { continue };
                    for (key, value) in settings(source) {
                        variables.insert(format!("{prefix}{key}"), Variable { value, source, key });
                    }
                }
            }
            for entry in container.get("env").list() {
                let name = entry.get("name").text();
                let value = entry.get("value");
                if matches!(value, Value::Str(_) | Value::Int(_) | Value::Bool(_)) {
                    let variable = Variable { value: value.show(), source: owner, key: name.to_owned() };
                    variables.insert(name.to_owned(), variable);
                }
                for (path, kind) in [("valueFrom.configMapKeyRef", "ConfigMap"), ("valueFrom.secretKeyRef", "Secret")] {
                    let reference = entry.at(path);
                    let Some(source) = self.object(kind, namespace, reference.get("name").text()) else { continue };
                    let key = reference.get("key").text();
                    if let Some((_, value)) = settings(source).into_iter().find(|(k, _)| k == key) {
                        variables.insert(name.to_owned(), Variable { value, source, key: key.to_owned() });
                    }
                }
            }
        }
        variables
    }

    /// How every workload and bare pod is configured to reach its servers, in order.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        self.bindings.get_or_init(|| self.all_bindings())
    }

    fn all_bindings(&self) -> Vec<Binding> {
        let mut bindings: BTreeMap<(Entity, String), Binding> = BTreeMap::new();
        for (object, spec) in self.pod_specs() {
            let client = self.carrier(object);
            for binding in of_client(self, &client, &self.variables(object, spec)) {
                bindings.entry((client.clone(), binding.prefix.clone())).or_insert(binding);
            }
        }
        bindings.into_values().collect()
    }

    /// The bindings that an unused or used ConfigMap or Secret holds by itself.
    #[must_use]
    pub fn bindings_in(&self, source: &Object) -> Vec<Binding> {
        let variables = settings(source).into_iter().map(|(key, value)| (key.clone(), Variable { value, source, key }));
        of_client(self, &source.entity(), &variables.collect())
    }
}

/// Keys and values of a ConfigMap or Secret. Those of a Secret were decoded when it was read.
fn settings(source: &Object) -> Vec<(String, String)> {
    let path = if source.kind == "Secret" { "decoded" } else { "data" };
    let values = source.at(path).entries();
    values.map(|(key, value)| (key.to_string(), value.show().trim_end_matches('\n').to_owned())).collect()
}

fn of_client(world: &World, client: &Entity, variables: &BTreeMap<String, Variable<'_>>) -> Vec<Binding> {
    let mut bindings = Vec::new();
    let namespace = client.namespace.as_deref();
    for (name, variable) in variables {
        let Some(prefix) = HOSTS.iter().find_map(|suffix| ends(name, suffix)) else { continue };
        let beside = |suffixes: &[&str]| suffixes.iter().find_map(|s| variables.get(&format!("{prefix}{s}")));
        let text = |suffixes: &[&str]| beside(suffixes).map(|v| v.value.trim().to_owned()).filter(|v| !v.is_empty());
        let Some(address) = Address::parse(variable.value.trim()) else { continue };
        let is_server = SCHEMES.contains(&address.scheme)
            || (address.scheme.is_empty() && names_a_server(prefix))
            || (text(USERS).is_some() && text(PASSWORDS).is_some());
        if !is_server {
            continue;
        }
        let service = world.service_of_address(address.host, namespace).map(Object::entity);
        bindings.push(Binding {
            client: client.clone(),
            prefix: prefix.trim_end_matches('_').to_owned(),
            host: address.host.to_owned(),
            port: address.port.map(|p| p.to_string()).or_else(|| text(PORTS)),
            user: address.user.map(str::to_owned).or_else(|| text(USERS)),
            password: address.password.map(str::to_owned).or_else(|| text(PASSWORDS)),
            database: address.database.map(str::to_owned).or_else(|| text(DATABASES)),
            service,
            source: variable.source.entity(),
            evidence: variable.cite(),
            port_evidence: beside(PORTS).map(Variable::cite).or_else(|| address.port.map(|_| variable.cite())),
        });
    }
    bindings
}

/// What stands before a suffix: `ORDERS_MYSQL_` of `ORDERS_MYSQL_HOST`.
fn ends<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(suffix.len())?;
    let tail = name.get(at..)?;
    let prefix = &name[..at];
    (tail.eq_ignore_ascii_case(suffix) && (prefix.is_empty() || prefix.ends_with(['_', '.', '-']))
        || tail == "Host" && suffix == "HOST")
        .then_some(prefix)
}

/// Schemes of servers that keep state or messages.
const SCHEMES: &[&str] = &[
    "mysql",
    "mariadb",
    "postgres",
    "postgresql",
    "mongodb",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "sqlserver",
    "kafka",
    "oracle",
];

fn names_a_server(prefix: &str) -> bool {
    const WORDS: &[&str] = &[
        "MYSQL",
        "MARIADB",
        "POSTGRES",
        "PG",
        "SQL",
        "DB",
        "DATABASE",
        "DATASOURCE",
        "MONGO",
        "REDIS",
        "CACHE",
        "RABBIT",
        "AMQP",
        "KAFKA",
        "BROKER",
        "CASSANDRA",
        "ELASTIC",
        "MEMCACHED",
    ];
    let prefix = prefix.to_uppercase();
    prefix
        .split(['_', '.', '-'])
        .any(|part| WORDS.iter().any(|word| part == *word || (word.len() > 3 && part.contains(word))))
}

/// An address as configurations write it: `db`, `db:5432`, `jdbc:mysql://user:pass@db:3306/shop?x=y`.
#[derive(Debug, PartialEq)]
struct Address<'a> {
    scheme: &'a str,
    user: Option<&'a str>,
    password: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
    database: Option<&'a str>,
}

impl<'a> Address<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix("jdbc:").unwrap_or(text);
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let scheme = scheme.split('+').next().unwrap_or(scheme);
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, first) = authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
        let (host, port) = host_and_port(first.split(',').next()?)?;
        let (user, password) = match login.map(|l| l.split_once(':').unwrap_or((l, ""))) {
            Some((user, password)) => (Some(user), Some(password).filter(|p| !p.is_empty())),
            None => (None, None),
        };
        let database = path.split(['?', '/']).next().filter(|d| !d.is_empty());
        Some(Self { scheme, user, password, host, port, database })
    }
}

/// The place of a binding, with what it says in place of the raw value.
impl Binding {
    /// Where its port or else its host stands, with `what` as the excerpt.
    #[must_use]
    pub fn cite(&self, what: &str) -> Evidence {
        let place = self.port_evidence.as_ref().unwrap_or(&self.evidence).place.clone();
        Evidence { place, excerpt: Masked::new(what) }
    }

    /// The name of the Service or host that it names.
    #[must_use]
    pub fn target(&self) -> Name {
        self.service.as_ref().map_or_else(|| Name::from(self.host.as_str()), |s| s.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_usual_form() {
        let address = Address::parse("jdbc:mysql://app:secret@db.shop:3307/orders?useSSL=false").expect("an address");
        assert_eq!(
            (address.scheme, address.host, address.port, address.database),
            ("mysql", "db.shop", Some(3307), Some("orders"))
        );
        assert_eq!((address.user, address.password), (Some("app"), Some("secret")));
        assert_eq!(Address::parse("db").map(|a| (a.host, a.port)), Some(("db", None)));
        assert_eq!(Address::parse("no address at all"), None);
    }

    #[test]
    fn prefixes_end_at_a_separator() {
        assert_eq!(ends("ORDERS_MYSQL_HOST", "HOST"), Some("ORDERS_MYSQL_"));
        assert_eq!(ends("GHOST", "HOST"), None);
        assert!(names_a_server("ORDERS_DB_") && !names_a_server("ORDERS_API_"));
    }
}
