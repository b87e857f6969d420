//! Rules that several parts of a pipeline share.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use k8s_openapi::api::core::v1::Container;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use wellhead_diagnostics::Code;

use crate::read::number;
use crate::text::Escaped as _;
use crate::values::label;
use crate::{FieldPath, Finding, ObjectName, PipelineSpec, Quantity, Segment, suggest};

/// Most replicas of a pipeline. Kubernetes has no limit; clusters are built for 5,000 nodes.
/// <https://kubernetes.io/docs/setup/best-practices/cluster-large/>
pub const MAX_REPLICAS: i32 = 10_000;

/// A field of the top level, e.g. `replicas`.
pub(crate) fn field(name: &str) -> FieldPath {
    FieldPath::of([name])
}

/// The path of an item: by its key, or by its position when it has none or shares it.
pub(crate) fn item(
    list: &FieldPath,
    index: usize,
    key: &str,
    seen: &mut HashMap<String, usize>,
) -> FieldPath {
    let first = *seen.entry(key.to_owned()).or_insert(index);
    let by_key = first == index && !key.is_empty();
    list.with(if by_key { Segment::Key(key.into()) } else { Segment::Index(index) })
}

/// Walks a list by paths, and reports each key that is used twice.
pub(crate) fn each<'i, T>(
    list: &FieldPath,
    items: &'i [T],
    key: impl Fn(&T) -> String,
    findings: &mut Vec<Finding>,
) -> Vec<(FieldPath, &'i T)> {
    let mut seen = HashMap::new();
    let mut walked = Vec::with_capacity(items.len());
    for (index, it) in items.iter().enumerate() {
        let key = key(it);
        let path = item(list, index, &key, &mut seen);
        if seen.get(&key).is_some_and(|first| *first != index) && !key.is_empty() {
            let message = format!("`{}` is used twice in `{list}`", key.escaped());
            findings.push(Finding::error(Code::DuplicateItem, path.clone(), message));
        }
        walked.push((path, it));
    }
    walked
}

pub(crate) fn one_of(
    at: &FieldPath,
    value: Option<&str>,
    options: &[&str],
    findings: &mut Vec<Finding>,
) {
    let Some(value) = value else { return };
    if !options.contains(&value) {
        let known = options.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        let message = format!("`{}` is not one of {known}", value.escaped());
        let mut finding = Finding::error(Code::InvalidValue, at.clone(), message);
        finding.hint = suggest::closest(value, options).map(|it| format!("did you mean `{it}`?"));
        findings.push(finding);
    }
}

/// Reports a value that has the right type and is wrong nevertheless.
pub(crate) fn refuse(at: &FieldPath, message: impl Into<String>, findings: &mut Vec<Finding>) {
    findings.push(Finding::error(Code::InvalidValue, at.clone(), message));
}

/// A text that must be there and not be empty.
pub(crate) fn required(at: &FieldPath, text: &str, findings: &mut Vec<Finding>) {
    if text.is_empty() {
        let name = at.segments().last().map(ToString::to_string).unwrap_or_default();
        let message = format!("`{name}` is missing or empty");
        findings.push(Finding::error(Code::MissingField, at.clone(), message));
    }
}

pub(crate) fn in_range(
    at: &FieldPath,
    value: i64,
    range: RangeInclusive<i64>,
    findings: &mut Vec<Finding>,
) {
    if !range.contains(&value) {
        let most = if *range.end() == i64::MAX {
            format!("the least is {}", range.start())
        } else {
            format!("it must be between {} and {}", range.start(), range.end())
        };
        refuse(at, format!("`{value}` is out of range: {most}"), findings);
    }
}

/// The name of an object that is referred to.
pub(crate) fn object_name(at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    if let Err(error) = ObjectName::new(name) {
        findings.push(Finding::error(Code::InvalidName, at.clone(), error.to_string()));
    }
}

pub(crate) fn label_key(at: &FieldPath, key: &str, findings: &mut Vec<Finding>) {
    if let Err(reason) = label::check_key(key) {
        let message = format!("`{}` is not the key of a label: {reason}", key.escaped());
        findings.push(Finding::error(Code::InvalidLabel, at.clone(), message));
    }
}

pub(crate) fn label_value(at: &FieldPath, value: &str, findings: &mut Vec<Finding>) {
    if let Err(reason) = label::check_value(value) {
        let message = format!("`{}` is not a label value: {reason}", value.escaped());
        findings.push(Finding::error(Code::InvalidLabel, at.clone(), message));
    }
}

/// The containers with their paths, then the init containers. Those without a name of their own are
/// reported elsewhere.
pub(crate) fn each_container(spec: &PipelineSpec) -> impl Iterator<Item = (FieldPath, &Container)> {
    let main = spec.containers.iter().map(|it| ("containers", it));
    let all = main.chain(spec.init_containers.iter().map(|it| ("initContainers", it)));
    all.map(|(list, it)| (FieldPath::of([list, &it.name]), it))
}

pub(crate) fn not_negative(at: &FieldPath, value: Option<i64>, findings: &mut Vec<Finding>) {
    if let Some(value) = value.filter(|value| *value < 0) {
        let message = format!("`{value}` is below zero");
        findings.push(Finding::error(Code::InvalidValue, at.clone(), message));
    }
}

/// Takes a quantity of a type of Kubernetes, which holds any text.
pub(crate) fn quantity(
    at: &FieldPath,
    text: &k8s_openapi::apimachinery::pkg::api::resource::Quantity,
    findings: &mut Vec<Finding>,
) -> Option<Quantity> {
    match Quantity::new(text.0.as_str()) {
        Ok(quantity) => {
            leading_zero(at, &quantity, findings);
            Some(quantity)
        }
        Err(error) => {
            findings.push(Finding::error(Code::InvalidQuantity, at.clone(), error.to_string()));
            None
        }
    }
}

/// Bytes are whole. `512m` is half a byte, and a common slip for `512M`.
pub(crate) fn whole_bytes(at: &FieldPath, quantity: &Quantity, findings: &mut Vec<Finding>) {
    if quantity.nanos() % 1_000_000_000 != 0 {
        let text = quantity.as_str();
        let message = format!("`{text}` is a fraction of bytes");
        let mut finding = Finding::warning(Code::QuantityOutOfRange, at.clone(), message);
        finding.hint = text.strip_suffix('m').map(|number| {
            format!("`m` is a thousandth: did you mean `{number}M` or `{number}Mi`?")
        });
        findings.push(finding);
    }
}

/// `010` is 8 to kubectl where it stands without quotes, and 10 as a quantity.
pub(crate) fn leading_zero(at: &FieldPath, quantity: &Quantity, findings: &mut Vec<Finding>) {
    let text = quantity.as_str();
    let digits = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(meant) = number::Meant::by(text).filter(|_| digits && text.starts_with('0')) {
        let message = format!("`{text}` begins with a zero");
        let finding = Finding::warning(Code::UnlikelyAmount, at.clone(), message);
        findings.push(finding.hint(meant.hint(text, false)));
    }
}

/// Bytes that are fewer than anything has: most likely the suffix is missing. `unit` is the one that
/// was probably meant.
pub(crate) fn too_few_bytes(
    at: &FieldPath,
    quantity: &Quantity,
    unit: &str,
    findings: &mut Vec<Finding>,
) {
    const LEAST: i128 = 1 << 20;
    if quantity.nanos() <= 0 || quantity.whole() >= LEAST || quantity.nanos() % 1_000_000_000 != 0 {
        return;
    }
    // Of such a number it is not known what is meant.
    if quantity.as_str().starts_with('0') {
        return;
    }
    let bytes = quantity.whole();
    let message = format!("`{quantity}` is {bytes} byte{}", if bytes == 1 { "" } else { "s" });
    let finding = Finding::warning(Code::UnlikelyAmount, at.clone(), message);
    let bare = quantity.as_str().bytes().all(|byte| byte.is_ascii_digit());
    findings.push(finding.hint(if bare {
        format!("did you mean `{bytes}{unit}`?")
    } else {
        format!("write a larger suffix, e.g. `10{unit}`")
    }));
}

pub(crate) fn dns_label(at: &FieldPath, text: &str, what: &str, findings: &mut Vec<Finding>) {
    // Every name type of this form has the same rule.
    if crate::ClaimName::new(text).is_err() {
        let message = format!(
            "`{}` is not {what}: lowercase letters, digits and `-`, no `-` at either end, at most 63 \
             characters",
            text.escaped()
        );
        findings.push(Finding::error(Code::InvalidName, at.clone(), message));
    }
}

pub(crate) fn port_number(at: &FieldPath, number: i32, findings: &mut Vec<Finding>) {
    if !(1..=65_535).contains(&number) {
        let message = format!("`{number}` is not a port: ports are 1 to 65535");
        findings.push(Finding::error(Code::InvalidPort, at.clone(), message));
    }
}

/// `IANA_SVC_NAME`. <https://www.rfc-editor.org/rfc/rfc6335#section-5.1>
pub(crate) fn is_port_name(name: &str) -> bool {
    let characters =
        name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let letter = name.bytes().any(|b| b.is_ascii_lowercase());
    let dashes = name.starts_with('-') || name.ends_with('-') || name.contains("--");
    name.len() <= 15 && characters && letter && !dashes
}

pub(crate) fn port_name(at: &FieldPath, name: &str, findings: &mut Vec<Finding>) {
    if !is_port_name(name) {
        let message = format!(
            "`{}` is not a port name: at most 15 lowercase letters, digits and single `-` inside, \
             at least one letter",
            name.escaped()
        );
        findings.push(Finding::error(Code::InvalidPort, at.clone(), message));
    }
}

/// A port by its number or its name.
pub(crate) fn port(at: &FieldPath, port: &IntOrString, findings: &mut Vec<Finding>) {
    match port {
        IntOrString::Int(number) => port_number(at, *number, findings),
        IntOrString::String(text) => match number::Meant::by(text) {
            Some(meant) => {
                let message = format!("`{}` is text, and not the name of a port", text.escaped());
                let finding = Finding::error(Code::InvalidPort, at.clone(), message);
                findings.push(finding.hint(meant.hint(text, false)));
            }
            None => port_name(at, text, findings),
        },
    }
}

pub(crate) const PROTOCOLS: &[&str] = &["TCP", "UDP", "SCTP"];

pub(crate) fn port_key(number: i32, protocol: Option<&str>) -> String {
    format!("{number}/{}", protocol.unwrap_or("TCP"))
}
