//! Which spans are recorded: a share of the traces that begin here, and what those whom we trust have begun to record.
//!
//! Deliberately not here: which finished traces are kept. That is decided where a whole trace is seen: by the collector
//! (`compose/collector/config.yaml`), or in the memory of a process that shows its own.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

use crate::span_memory::SpanMemory;

/// Marks a context whose sender decides nothing here: its trace goes on, its flag does not count, and what begins with it is a stranger's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untrusted;

/// Decides by the trace's id, so that every span of a trace, in every process with the same ratio, is decided alike.
#[derive(Debug, Clone)]
pub(crate) struct RatioSampler {
    ratio: Sampler,
    /// What keeps others in this process.
    memory: Option<SpanMemory>,
}

impl RatioSampler {
    pub(crate) fn new(ratio: f64, memory: Option<SpanMemory>) -> Self {
        Self { ratio: Sampler::TraceIdRatioBased(ratio), memory }
    }

    /// What becomes of a span that is not sampled: it is recorded for the memory of this process, or not at all.
    fn otherwise(&self, parent: Option<&Context>, trace_id: TraceId, name: &str, kind: &SpanKind) -> SamplingDecision {
        let Some(memory) = &self.memory else { return SamplingDecision::Drop };
        let trace = u128::from_be_bytes(trace_id.to_bytes());
        // A request's span has a parent at its caller's; a message's has one here, and its trace was decided there.
        let caller = valid_parent(parent);
        let begins = caller.is_none_or(|caller| caller.span().span_context().is_remote() && *kind == SpanKind::Server);
        let is_stranger = parent.is_some_and(|parent| parent.get::<Untrusted>().is_some());
        let is_kept = if begins { memory.admits(trace, name, is_stranger) } else { memory.knows(trace) };
        if is_kept { SamplingDecision::RecordOnly } else { SamplingDecision::Drop }
    }
}

impl ShouldSample for RatioSampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let caller = valid_parent(parent);
        let trusted = caller.filter(|caller| {
            // The mark is of the caller's; what is made below it here inherits the context, and has decided by itself.
            !caller.span().span_context().is_remote() || caller.get::<Untrusted>().is_none()
        });
        let is_sampled = match trusted {
            Some(parent) => parent.span().span_context().is_sampled(),
            None => {
                let decided = self.ratio.should_sample(None, trace_id, name, kind, attributes, links);
                decided.decision == SamplingDecision::RecordAndSample
            }
        };
        SamplingResult {
            decision: match is_sampled {
                true => SamplingDecision::RecordAndSample,
                false => self.otherwise(parent, trace_id, name, kind),
            },
            attributes: Vec::new(),
            trace_state: caller.map(|caller| caller.span().span_context().trace_state().clone()).unwrap_or_default(),
        }
    }
}

/// A parent that is a span.
fn valid_parent(parent: Option<&Context>) -> Option<&Context> {
    parent.filter(|parent| parent.span().span_context().is_valid())
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceState};

    use super::*;

    fn decided(sampler: &RatioSampler, parent: Option<&Context>) -> SamplingDecision {
        sampler.should_sample(parent, TraceId::from(u128::MAX), "work", &SpanKind::Server, &[], &[]).decision
    }

    fn caller(flags: TraceFlags, remote: bool) -> Context {
        let caller = SpanContext::new(TraceId::from(u128::MAX), SpanId::from(7), flags, remote, TraceState::default());
        Context::new().with_remote_span_context(caller)
    }

    #[test]
    fn who_is_trusted_decides_and_who_is_not_does_not() {
        use SamplingDecision::{Drop, RecordAndSample};
        let (none, all) = (RatioSampler::new(0.0, None), RatioSampler::new(1.0, None));
        let sampled = caller(TraceFlags::SAMPLED, true);
        let unsampled = caller(TraceFlags::default(), true);
        assert_eq!([&none, &all].map(|sampler| decided(sampler, None)), [Drop, RecordAndSample]);
        assert_eq!([&sampled, &unsampled].map(|caller| decided(&none, Some(caller))), [RecordAndSample, Drop]);
        assert_eq!([&sampled, &unsampled].map(|caller| decided(&all, Some(caller))), [RecordAndSample, Drop]);
        for flags in [TraceFlags::SAMPLED, TraceFlags::default()] {
            let stranger = caller(flags, true).with_value(Untrusted);
            assert_eq!([&none, &all].map(|sampler| decided(sampler, Some(&stranger))), [Drop, RecordAndSample]);
        }
        // What was decided here holds below, whoever has called.
        let below = caller(TraceFlags::SAMPLED, false).with_value(Untrusted);
        assert_eq!(decided(&none, Some(&below)), RecordAndSample);
    }

    #[test]
    fn a_process_that_remembers_records_whole_traces_for_itself() {
        use SamplingDecision::{Drop, RecordOnly};
        let stranger = caller(TraceFlags::default(), true);
        let of_kind = |sampler: &RatioSampler, kind: SpanKind| {
            sampler.should_sample(Some(&stranger), TraceId::from(u128::MAX), "work", &kind, &[], &[]).decision
        };
        let memory = RatioSampler::new(0.0, Some(SpanMemory::default()));
        assert_eq!(of_kind(&memory, SpanKind::Consumer), Drop, "a trace that was not remembered where it began");
        assert_eq!(of_kind(&memory, SpanKind::Server), RecordOnly);
        assert_eq!(of_kind(&memory, SpanKind::Consumer), RecordOnly);
        assert_eq!(decided(&memory, Some(&caller(TraceFlags::default(), false))), RecordOnly);
        let other = RatioSampler::new(0.0, Some(SpanMemory::default()));
        assert_eq!(decided(&other, Some(&caller(TraceFlags::default(), false))), Drop);
        assert_eq!(decided(&other, None), RecordOnly);
    }

    #[test]
    fn strangers_take_nothing_from_what_is_remembered_of_others() {
        let memory = RatioSampler::new(0.0, Some(SpanMemory::default()));
        let kept = |parent: &Context, trace: fn(u128) -> u128| {
            let of = |number: u128| {
                let trace = TraceId::from(trace(number));
                memory.should_sample(Some(parent), trace, "POST /a", &SpanKind::Server, &[], &[]).decision
            };
            (1..=2_000).filter(|number| of(*number) == SamplingDecision::RecordOnly).count()
        };
        let fixed = caller(TraceFlags::default(), true).with_value(Untrusted);
        assert!(kept(&fixed, |_| 1) < 1_000, "one trace that is named again and again");
        assert!(
            kept(&Context::new().with_value(Untrusted), |number| number + 10) < 1_000,
            "and traces that begin here"
        );
        assert!(kept(&Context::new(), |number| number + 10_000) >= 1_000, "others have their whole share");
    }
}
