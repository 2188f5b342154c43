//! What a Compose file says of the containers of its nodes: enough to make the same ones without Compose.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::TopologyError;

/// The container of one node, as its service is written. Variables (`${NAME}`) are still in it: [`ContainerSpec::filled_in`] puts them in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerSpec {
    /// With its full version tag.
    pub image: String,
    /// Such as `linux/amd64`; the engine's own where it is not said.
    pub platform: Option<String>,
    /// The name that it calls itself by.
    pub hostname: Option<String>,
    /// Name and value.
    pub environment: Vec<(String, String)>,
    /// What its entry point is given.
    pub command: Vec<String>,
    /// Directories in memory, which hide what the image has there.
    pub tmpfs: Vec<String>,
    /// Domains in which a name without dots is looked for.
    pub name_search: Vec<String>,
    /// How names are looked for, as `resolv.conf` has it.
    pub name_options: Vec<String>,
    /// Bytes of `/dev/shm`.
    pub shared_memory: Option<u64>,
    /// How the engine finds out whether it is well.
    pub health: Option<Health>,
}

/// How an engine finds out whether a container is well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// `CMD` or `CMD-SHELL`, and what is run.
    pub test: Vec<String>,
    /// Between two looks.
    pub interval: Duration,
    /// For one look.
    pub timeout: Duration,
    /// Looks that may fail.
    pub retries: u32,
    /// In which failures do not count.
    pub start_period: Duration,
}

impl ContainerSpec {
    /// The same with its variables filled in.
    ///
    /// # Errors
    /// The sentence of the file, or ours, for a variable that has no value.
    pub fn filled_in(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let fill = |text: &String| interpolate(text, variable);
        let environment = self.environment.iter();
        let environment = environment.map(|(name, value)| Ok((name.clone(), fill(value)?)));
        let mut health = self.health.clone();
        if let Some(health) = &mut health {
            health.test = health.test.iter().map(fill).collect::<Result<_, _>>()?;
        }
        Ok(Self {
            image: fill(&self.image)?,
            environment: environment.collect::<Result<_, String>>()?,
            command: self.command.iter().map(fill).collect::<Result<_, _>>()?,
            health,
            ..self.clone()
        })
    }
}

/// The containers of `compose/<name>.yml`, by node.
///
/// # Errors
/// When it is no Compose file, or says something of a container in a way that is not understood.
pub fn containers(
    name: &str,
    text: &str,
) -> Result<BTreeMap<String, ContainerSpec>, TopologyError> {
    let error = |line: usize, message: String| TopologyError {
        file: name.to_owned(),
        line,
        message,
        hint: "compare it with compose/journey.yml".to_owned(),
    };
    let file: File = serde_saphyr::from_str(text).map_err(|reason| {
        let line = reason.location();
        let line = line.and_then(|location| usize::try_from(location.line()).ok());
        let message = reason.to_string();
        let first = message.lines().next().unwrap_or_default();
        error(line.unwrap_or(1), format!("not a Compose file: {first}"))
    })?;
    let services = file.services.into_iter();
    services
        .map(|(node, service)| {
            let spec = service.spec();
            let spec = spec.map_err(|message| error(1, format!("the service `{node}`: {message}")));
            Ok((node, spec?))
        })
        .collect()
}

#[derive(Deserialize)]
struct File {
    services: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
struct Service {
    image: Option<String>,
    platform: Option<String>,
    hostname: Option<String>,
    #[serde(default)]
    environment: Value,
    #[serde(default)]
    command: Value,
    #[serde(default)]
    tmpfs: Value,
    #[serde(default)]
    dns_search: Value,
    #[serde(default)]
    dns_opt: Value,
    shm_size: Option<Value>,
    healthcheck: Option<HealthCheck>,
}

#[derive(Deserialize)]
struct HealthCheck {
    #[serde(default)]
    test: Value,
    interval: Option<String>,
    timeout: Option<String>,
    retries: Option<u32>,
    start_period: Option<String>,
}

impl Service {
    fn spec(self) -> Result<ContainerSpec, String> {
        let shared_memory = self.shm_size.as_ref().map(bytes).transpose()?;
        Ok(ContainerSpec {
            image: self.image.ok_or("it has no image")?,
            platform: self.platform,
            hostname: self.hostname,
            environment: pairs(&self.environment),
            command: words("command", &self.command)?,
            tmpfs: words("tmpfs", &self.tmpfs)?,
            name_search: words("dns_search", &self.dns_search)?,
            name_options: words("dns_opt", &self.dns_opt)?,
            shared_memory,
            health: self.healthcheck.map(HealthCheck::health).transpose()?,
        })
    }
}

impl HealthCheck {
    fn health(self) -> Result<Health, String> {
        let time = |text: Option<String>, otherwise: u64| match text {
            Some(text) => duration(&text),
            None => Ok(Duration::from_secs(otherwise)),
        };
        Ok(Health {
            test: match &self.test {
                Value::String(command) => vec!["CMD-SHELL".to_owned(), command.clone()],
                other => words("healthcheck.test", other)?,
            },
            // What Compose says where a file does not.
            interval: time(self.interval, 30)?,
            timeout: time(self.timeout, 30)?,
            retries: self.retries.unwrap_or(3),
            start_period: time(self.start_period, 0)?,
        })
    }
}

/// A mapping, or a list of `NAME=value`.
fn pairs(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| (name.clone(), shown(value)))
            .collect(),
        Value::Array(list) => list
            .iter()
            .map(|entry| {
                let entry = shown(entry);
                let (name, value) = entry.split_once('=').unwrap_or((&entry, ""));
                (name.to_owned(), value.to_owned())
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// A list, or one alone.
fn words(what: &str, value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => Ok(list.iter().map(shown).collect()),
        // Compose would split it as a shell does.
        Value::String(text) if text.contains(char::is_whitespace) => {
            Err(format!("write {what} as a list, not as one text"))
        }
        one => Ok(vec![shown(one)]),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `256mb` and its kin.
fn bytes(value: &Value) -> Result<u64, String> {
    let text = shown(value).to_lowercase();
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" | "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        _ => return Err(format!("`{text}` is no size: write such as 256mb")),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("`{text}` is no size: write such as 256mb"))?;
    Ok(number * factor)
}

/// `1s`, `1m30s`, `500ms`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: write such as 1m30s");
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let unit = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        sum += match &rest[..unit] {
            "ms" => Duration::from_millis(number),
            "s" => Duration::from_secs(number),
            "m" => Duration::from_secs(number * 60),
            "h" => Duration::from_secs(number * 3600),
            _ => return Err(wrong()),
        };
        rest = &rest[unit..];
    }
    Ok(sum)
}

/// Puts variables in as Compose does: `$$`, `$NAME`, `${NAME}`, `${NAME:-otherwise}`, `${NAME:?sentence}`.
fn interpolate(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        filled.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            filled.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let Some((inside, after)) = after.split_once('}') else {
                return Err(format!("`${{{after}` has no end"));
            };
            filled.push_str(&value_of(inside, variable)?);
            rest = after;
        } else {
            let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
            let end = rest
                .find(|character| !is_name(character))
                .unwrap_or(rest.len());
            filled.push_str(&value_of(&rest[..end], variable)?);
            rest = &rest[end..];
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value_of(inside: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let end = inside.find([':', '-', '?']).unwrap_or(inside.len());
    let (name, operator) = inside.split_at(end);
    let value = variable(name);
    let value = if operator.starts_with(':') {
        value.filter(|value| !value.is_empty())
    } else {
        value
    };
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    match (value, operator.chars().next()) {
        (Some(value), _) => Ok(value),
        (None, Some('-')) => Ok(operator[1..].to_owned()),
        (None, Some('?')) => Err(format!("{name} has no value: {}", &operator[1..])),
        (None, _) => Ok(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
x-node: &node
  image: citusdata/citus:13.2.0-pg17
  platform: linux/amd64
  environment:
    POSTGRES_PASSWORD: ${POSTGRES_PASSWORD:?export it first}
  command:
    - postgres
    - -cwal_level=logical
  healthcheck:
    test: ["CMD-SHELL", "pg_isready --host=\"$$(hostname -i)\""]
    interval: 1s
    retries: 60
  shm_size: 256mb
services:
  coordinator:
    <<: *node
    hostname: coordinator
    tmpfs:
      - /docker-entrypoint-initdb.d
  worker1:
    <<: *node
    dns_search: .
    dns_opt: [timeout:1, attempts:1]
"#;

    fn known(name: &str) -> Option<String> {
        (name == "POSTGRES_PASSWORD").then(|| "secret".to_owned())
    }

    #[test]
    fn a_service_is_read_as_compose_reads_it() {
        let containers = containers("test", FILE).unwrap();
        let coordinator = containers["coordinator"].filled_in(&known).unwrap();
        assert_eq!(coordinator.image, "citusdata/citus:13.2.0-pg17");
        assert_eq!(coordinator.hostname.as_deref(), Some("coordinator"));
        assert_eq!(
            coordinator.environment,
            [("POSTGRES_PASSWORD".to_owned(), "secret".to_owned())]
        );
        assert_eq!(coordinator.command, ["postgres", "-cwal_level=logical"]);
        assert_eq!(coordinator.tmpfs, ["/docker-entrypoint-initdb.d"]);
        assert_eq!(coordinator.shared_memory, Some(256 << 20));
        let health = coordinator.health.unwrap();
        assert_eq!(health.test[1], "pg_isready --host=\"$(hostname -i)\"");
        assert_eq!(health.interval, Duration::from_secs(1));
        assert_eq!(health.retries, 60);
        assert_eq!(containers["worker1"].name_search, ["."]);
        assert_eq!(
            containers["worker1"].name_options,
            ["timeout:1", "attempts:1"]
        );
        assert_eq!(containers["worker1"].tmpfs, [""; 0]);
    }

    #[test]
    fn a_variable_without_a_value_is_told_by_the_files_own_sentence() {
        let containers = containers("test", FILE).unwrap();
        let error = containers["worker1"].filled_in(&|_| None).unwrap_err();
        assert_eq!(error, "POSTGRES_PASSWORD has no value: export it first");
        assert_eq!(
            interpolate("a${B:-c}d$$e$F.", &|_| None),
            Ok("acd$e.".into())
        );
        assert!(interpolate("a${B", &|_| None).is_err());
    }

    #[test]
    fn sizes_and_times_that_are_none_are_refused() {
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("soon").is_err());
        assert!(bytes(&Value::String("much".into())).is_err());
        assert!(words("command", &Value::String("postgres -c x".into())).is_err());
    }

    #[test]
    fn the_tours_own_files_are_understood() {
        for topology in super::super::embedded().unwrap() {
            let containers = super::super::embedded_containers(&topology.name).unwrap();
            assert_eq!(containers.len(), topology.nodes.len());
            for (node, spec) in containers {
                let spec = spec.filled_in(&known).unwrap();
                assert_eq!(spec.hostname.as_deref(), Some(node.as_str()));
                assert!(spec.image.contains(':'), "{node} has no pinned image");
            }
        }
    }
}
