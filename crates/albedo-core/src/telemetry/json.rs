//! Lines as flat JSON.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    str,
};

use chrono::{SecondsFormat, Utc};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};
use tracing::{Event, Subscriber, field::Field, field::Visit};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields, FormattedFields, MakeWriter,
        format::{JsonFields, Writer},
    },
    registry::LookupSpan,
};

/// A log that writes each event as one object.
pub(super) fn json<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .fmt_fields(JsonFields::new())
        .event_format(FlatJson)
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}

/// One flat object a line: time, level, message, target, then the fields of the event and of the spans around it.
///
/// The formatter of `tracing-subscriber` nests spans in a list of objects, and then nobody finds the lines of a request
/// by `request_id` alone. Where names meet, the event wins over its spans and an inner span over an outer one.
struct FlatJson;

impl<S, N> FormatEvent<S, N> for FlatJson
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        // Written straight into the line: one line a request is on everybody's hot path, and a tree of values costs an
        // allocation for each name and text.
        let mut line = Vec::with_capacity(512);
        let mut serializer = serde_json::Serializer::new(&mut line);
        let mut entries = serializer.serialize_map(None).map_err(|_| fmt::Error)?;
        let timestamp = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
        let own = [
            ("timestamp", timestamp.as_str()),
            ("level", event.metadata().level().as_str()),
            ("target", event.metadata().target()),
        ];
        for (name, value) in own {
            entries.serialize_entry(name, value).map_err(|_| fmt::Error)?;
        }
        let mut seen = Vec::with_capacity(12);
        seen.extend(own.map(|(name, _)| Cow::Borrowed(name)));
        let mut fields = Fields { entries: &mut entries, seen };
        event.record(&mut fields);
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let Some(of_span) = extensions.get::<FormattedFields<N>>() else { continue };
            let Ok(of_span) = serde_json::from_str::<Map<String, Value>>(&of_span.fields) else { continue };
            for (name, value) in of_span {
                fields.insert(Cow::Owned(name), &value);
            }
        }
        SerializeMap::end(entries).map_err(|_| fmt::Error)?;
        // serde_json writes UTF-8 and nothing else.
        writeln!(writer, "{}", str::from_utf8(&line).map_err(|_| fmt::Error)?)
    }
}

/// Writes fields into a line, the first of each name.
struct Fields<'a, M> {
    entries: &'a mut M,
    seen: Vec<Cow<'static, str>>,
}

impl<M: SerializeMap> Fields<'_, M> {
    fn insert<T: Serialize + ?Sized>(&mut self, name: Cow<'static, str>, value: &T) {
        if self.seen.contains(&name) {
            return;
        }
        // Writing to memory cannot fail, and one field that cannot be written is no reason to lose the line.
        let _ = self.entries.serialize_entry(&*name, value);
        self.seen.push(name);
    }

    fn field<T: Serialize + ?Sized>(&mut self, field: &Field, value: &T) {
        self.insert(Cow::Borrowed(field.name()), value);
    }
}

impl<M: SerializeMap> Visit for Fields<'_, M> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a string cannot fail, and a failing `Debug` is no reason to lose the line.
        let _ = write!(text, "{value:?}");
        self.field(field, text.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Memory;
    use super::*;

    impl MakeWriter<'_> for Memory {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn lines(log: impl FnOnce()) -> Vec<Value> {
        let memory = Memory::default();
        let filter = EnvFilter::builder().parse("info").unwrap();
        tracing::subscriber::with_default(json(filter, memory.clone()), log);
        let bytes = memory.bytes();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_is_one_flat_object_with_the_fields_of_its_spans() {
        let lines = lines(|| {
            let request = tracing::info_span!("request", request_id = "r-1", status = tracing::field::Empty);
            let _request = request.enter();
            request.record("status", 200);
            let _query = tracing::info_span!("query", rows = 3, request_id = "inner").entered();
            tracing::warn!(target: "albedo::test", elapsed_ms = 1.5, retried = true, rows = 4, "answered {}", "well");
        });
        assert_eq!(lines.len(), 1);
        let line = lines.first().unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["target"], "albedo::test");
        assert_eq!(line["message"], "answered well");
        assert_eq!(line["elapsed_ms"], 1.5);
        assert_eq!(line["retried"], true);
        assert_eq!(line["rows"], 4, "the event wins over its spans");
        assert_eq!(line["request_id"], "inner", "the inner span wins over the outer one");
        assert_eq!(line["status"], 200);
        let timestamp = line["timestamp"].as_str().unwrap();
        assert!(timestamp.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(timestamp).is_ok(), "{timestamp}");
    }

    #[test]
    fn a_field_cannot_pose_as_the_time_or_break_the_line() {
        let lines = lines(|| tracing::info!(timestamp = "yesterday", level = "FATAL", "two\nlines\u{1b}[31m"));
        assert_eq!(lines.len(), 1);
        let line = lines.first().unwrap();
        assert_eq!(line["level"], "INFO");
        assert_ne!(line["timestamp"], "yesterday");
        assert_eq!(line["message"], "two\nlines\u{1b}[31m");
    }

    #[test]
    fn what_the_filter_leaves_out_is_not_written() {
        assert!(lines(|| tracing::debug!("quiet")).is_empty());
    }
}
