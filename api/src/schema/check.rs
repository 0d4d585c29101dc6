//! Checks JSON against a documented shape and names every field that does not fit, not only the first.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ally_domain::problem::FieldError;
use ally_domain::{dates, text};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde_json::{Map, Value};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, Time};

/// The format of an hour of the day, `HH:MM`.
pub(super) const HOUR_MINUTE: &str = "hour-minute";
const DATE: &str = "date";
const DATE_TIME: &str = "date-time";
const ISO_DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const CLOCK: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
/// Faults beyond so many are not looked for; nobody mends that many one by one.
const MAX_FAULTS: usize = 100;
/// How much of what was sent is said back.
const MAX_ECHO_CHARS: usize = 40;
/// How alike (0 to 1) a name must be to be suggested.
const ALIKE: f64 = 0.75;

/// A documented shape with all that it refers to.
pub(crate) struct Schema {
    root: MetaSchemaRef,
    registry: Registry,
}

impl Schema {
    /// The shape of a type.
    pub(crate) fn of<T: Type>() -> Self {
        let mut registry = Registry::new();
        T::register(&mut registry);
        Self { root: T::schema_ref(), registry }
    }

    /// The same, made once for all who ask.
    pub(crate) fn shared<T: Type + 'static>() -> Arc<Self> {
        static MADE: LazyLock<Mutex<HashMap<TypeId, Arc<Schema>>>> = LazyLock::new(Mutex::default);
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(Self::of::<T>())))
    }

    /// Every field of a value that does not fit the shape.
    pub(crate) fn faults(&self, value: &Value) -> Vec<FieldError> {
        let mut faults = Vec::new();
        self.check(&self.root, value, "", &mut faults);
        faults
    }

    /// Writes whole numbers as such where the shape has them: to JSON Schema `3.0` is a whole number, and to our types it is none.
    pub(crate) fn with_whole_numbers(&self, value: &mut Value) {
        self.write_whole(&self.root, value);
    }

    fn write_whole(&self, shape: &MetaSchemaRef, value: &mut Value) {
        let Some(shape) = self.resolve(shape) else { return };
        let alternatives = shape.all_of.iter().chain(&shape.one_of);
        if let Some(one) =
            alternatives.into_iter().find(|one| self.resolve(one).is_some_and(|one| same_kind(one, value)))
        {
            return self.write_whole(one, value);
        }
        match value {
            Value::Number(number) if shape.ty == "integer" => {
                if let Some(whole) = number.as_f64().filter(|_| number.is_f64()).and_then(whole) {
                    *value = whole.into();
                }
            }
            Value::Array(items) => {
                let Some(item) = &shape.items else { return };
                items.iter_mut().for_each(|value| self.write_whole(item, value));
            }
            Value::Object(fields) => {
                for (name, field) in &shape.properties {
                    if let Some(value) = fields.get_mut(*name) {
                        self.write_whole(field, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn check(&self, shape: &MetaSchemaRef, value: &Value, path: &str, faults: &mut Vec<FieldError>) {
        let Some(shape) = self.resolve(shape) else { return };
        if faults.len() >= MAX_FAULTS {
            return;
        }
        // A described reference is written as all-of; its first part is the shape.
        if let Some(referred) = shape.all_of.first() {
            return self.check(referred, value, path, faults);
        }
        if !shape.one_of.is_empty() {
            return self.check_one_of(shape, value, path, faults);
        }
        match (shape.ty, value) {
            ("object", Value::Object(fields)) => self.check_object(shape, fields, path, faults),
            ("array", Value::Array(items)) => self.check_array(shape, items, path, faults),
            _ => faults.extend(scalar_fault(shape, value).map(|problem| {
                let problem = format!("{problem}{}", suggestion(value.as_str(), choices(shape)));
                FieldError::new(path, problem, self.expected(shape))
            })),
        }
    }

    /// The alternative of the value's own kind tells best what is wrong with it.
    fn check_one_of(&self, shape: &MetaSchema, value: &Value, path: &str, faults: &mut Vec<FieldError>) {
        let alike = shape.one_of.iter().find(|one| self.resolve(one).is_some_and(|one| same_kind(one, value)));
        match alike {
            Some(one) => self.check(one, value, path, faults),
            None => faults.push(FieldError::new(path, format!("is {}", echo(value)), self.expected(shape))),
        }
    }

    fn check_object(&self, shape: &MetaSchema, fields: &Map<String, Value>, path: &str, faults: &mut Vec<FieldError>) {
        if let Some(values) = &shape.additional_properties {
            return fields.iter().for_each(|(name, value)| self.check(values, value, &join(path, name), faults));
        }
        for (name, value) in fields {
            match shape.properties.iter().find(|(known, _)| known == name) {
                // What may be absent may be null: both say that there is no answer.
                Some(_) if value.is_null() && !shape.required.contains(&name.as_str()) => {}
                Some((known, shape)) => self.check(shape, value, &join(path, known), faults),
                None if faults.len() < MAX_FAULTS => faults.push(unknown(shape, name, path)),
                None => return,
            }
        }
        for required in shape.required.iter().filter(|required| !fields.contains_key(**required)) {
            let expected = shape.properties.iter().find(|(name, _)| name == required);
            let expected = expected.and_then(|(_, shape)| self.resolve(shape)).map(|shape| self.expected(shape));
            faults.push(FieldError::new(join(path, required), "is missing", expected.unwrap_or_default()));
        }
    }

    fn check_array(&self, shape: &MetaSchema, items: &[Value], path: &str, faults: &mut Vec<FieldError>) {
        let (low, high) = (shape.min_items.unwrap_or(0), shape.max_items.unwrap_or(usize::MAX));
        if !(low..=high).contains(&items.len()) {
            let problem = format!("is a list of {}", items.len());
            return faults.push(FieldError::new(path, problem, self.expected(shape)));
        }
        let Some(item) = &shape.items else { return };
        for (n, value) in items.iter().enumerate() {
            self.check(item, value, &format!("{path}[{n}]"), faults);
        }
    }

    fn resolve<'a>(&'a self, shape: &'a MetaSchemaRef) -> Option<&'a MetaSchema> {
        match shape {
            MetaSchemaRef::Inline(shape) => Some(shape),
            MetaSchemaRef::Reference(name) => self.registry.schemas.get(name),
        }
    }

    /// What would be right, in words.
    fn expected(&self, shape: &MetaSchema) -> String {
        let resolved = |shape: &MetaSchemaRef| self.resolve(shape).map(|shape| self.expected(shape));
        if let Some(referred) = shape.all_of.first() {
            return resolved(referred).unwrap_or_default();
        }
        if !shape.one_of.is_empty() {
            return shape.one_of.iter().filter_map(resolved).collect::<Vec<_>>().join(", or ");
        }
        let choices = choices(shape).collect::<Vec<_>>();
        if !choices.is_empty() {
            return format!("one of {}", choices.join(", "));
        }
        match (shape.ty, shape.format) {
            ("string", Some(DATE)) => {
                format!("a date as YYYY-MM-DD, from {} to {}", dates::DATES.start(), dates::DATES.end())
            }
            ("string", Some(DATE_TIME)) => format!(
                "a moment as RFC 3339, like 2026-11-24T18:30:00+01:00, from {} to {}",
                dates::DATES.start(),
                dates::DATES.end()
            ),
            ("string", Some(HOUR_MINUTE)) => "a time of day as HH:MM".to_owned(),
            ("string", _) => {
                format!("text{}", shape.max_length.map_or(String::new(), |max| format!(" of at most {max} characters")))
            }
            ("integer", _) => format!("a whole number{}", range(shape)),
            ("number", _) => format!("a number{}", range(shape)),
            ("boolean", _) => "true or false".to_owned(),
            ("array", _) => {
                let most = shape.max_items.map_or(String::new(), |max| format!(" of at most {max}"));
                let least = shape.min_items.map_or(String::new(), |min| format!(", at least {min}"));
                let each = shape.items.as_deref().and_then(resolved).unwrap_or_default();
                format!("a list{most}{least}, each {each}")
            }
            ("object", _) => {
                let names: Vec<_> = shape.properties.iter().map(|(name, _)| *name).collect();
                format!("an object with {}", names.join(", "))
            }
            _ => "any value".to_owned(),
        }
    }
}

/// A number without a fraction; beyond 2^53 a float may be another one than was sent.
#[allow(clippy::cast_possible_truncation, reason = "a number without a fraction, and within the range")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64)
}

fn scalar_fault(shape: &MetaSchema, value: &Value) -> Option<String> {
    if let Some(wrong) = value.as_str().filter(|_| shape.ty == "string").and_then(text::control_character) {
        return Some(format!("has the control character {}", text::named(wrong)));
    }
    let fits = match (shape.ty, value) {
        ("", _) => true,
        ("boolean", Value::Bool(_)) => true,
        ("integer", Value::Number(number)) => (number.is_i64() || number.is_u64()) && within(shape, number.as_f64()),
        ("number", Value::Number(number)) => within(shape, number.as_f64()),
        ("string", Value::String(text)) => text_fits(shape, text),
        _ => false,
    };
    (!fits).then(|| format!("is {}", echo(value)))
}

fn text_fits(shape: &MetaSchema, text: &str) -> bool {
    let chars = text.chars().count();
    let length = shape.min_length.is_none_or(|min| chars >= min) && shape.max_length.is_none_or(|max| chars <= max);
    let chosen = shape.enum_items.is_empty() || choices(shape).any(|choice| choice == text);
    let formed = match shape.format {
        Some(DATE) => text.len() == "YYYY-MM-DD".len() && Date::parse(text, &ISO_DATE).is_ok_and(dates::is_date),
        Some(DATE_TIME) => OffsetDateTime::parse(text, &Rfc3339).is_ok_and(dates::is_moment),
        Some(HOUR_MINUTE) => Time::parse(text, &CLOCK).is_ok(),
        _ => true,
    };
    length && chosen && formed
}

fn within(shape: &MetaSchema, number: Option<f64>) -> bool {
    number.is_some_and(|number| {
        shape.minimum.is_none_or(|minimum| number >= minimum) && shape.maximum.is_none_or(|maximum| number <= maximum)
    })
}

fn range(shape: &MetaSchema) -> String {
    match (shape.minimum, shape.maximum) {
        (Some(low), Some(high)) => format!(" from {low} to {high}"),
        (Some(low), None) => format!(" of at least {low}"),
        (None, Some(high)) => format!(" of at most {high}"),
        (None, None) => String::new(),
    }
}

fn same_kind(shape: &MetaSchema, value: &Value) -> bool {
    matches!(
        (shape.ty, value),
        ("integer" | "number", Value::Number(_))
            | ("string", Value::String(_))
            | ("array", Value::Array(_))
            | ("object", Value::Object(_))
            | ("boolean", Value::Bool(_))
    )
}

fn choices(shape: &MetaSchema) -> impl Iterator<Item = &str> {
    shape.enum_items.iter().filter_map(Value::as_str)
}

fn unknown(shape: &MetaSchema, name: &str, path: &str) -> FieldError {
    let known = shape.properties.iter().map(|(known, _)| *known);
    let problem = format!("is not a field here{}", suggestion(Some(name), known.clone()));
    let expected = format!("one of {}", known.collect::<Vec<_>>().join(", "));
    FieldError::new(join(path, &shortened(name)), problem, expected)
}

/// `; did you mean proficiency?`, where something is near enough.
pub(crate) fn suggestion<'a>(given: Option<&str>, known: impl Iterator<Item = &'a str>) -> String {
    let Some(given) = given.filter(|given| given.len() <= 4 * MAX_ECHO_CHARS) else { return String::new() };
    let given = given.to_lowercase();
    let alike = |known: &str| strsim::normalized_damerau_levenshtein(&given, &known.to_lowercase());
    known
        .map(|known| (alike(known), known))
        .filter(|(score, _)| (ALIKE..1.0).contains(score) || given.len() > 3 && *score >= 1.0)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map_or(String::new(), |(_, known)| format!("; did you mean {known}?"))
}

fn echo(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the text {:?}", shortened(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// As much of a text as is said back.
pub(crate) fn shortened(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_ECHO_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
