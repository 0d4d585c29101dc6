//! Which spans are recorded: a share of the traces that begin here, and what those whom we trust have begun to record.
//!
//! Deliberately not here: which finished traces are kept. That is decided where a whole trace is seen: by the collector
//! (`compose/collector/config.yaml`), or in the memory of a process that shows its own.

use opentelemetry::trace::{Link, SpanKind, TraceContextExt, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, SamplingResult, ShouldSample};

/// Marks a context whose sender decides nothing here: its trace goes on, its flag does not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untrusted;

/// Decides by the trace's id, so that every span of a trace, in every process with the same ratio, is decided alike.
#[derive(Debug, Clone)]
pub(crate) struct RatioSampler {
    ratio: Sampler,
    /// What becomes of the others: they are not recorded, or for the memory of this process only.
    otherwise: SamplingDecision,
}

impl RatioSampler {
    pub(crate) fn new(ratio: f64, remembers: bool) -> Self {
        let otherwise = if remembers { SamplingDecision::RecordOnly } else { SamplingDecision::Drop };
        Self { ratio: Sampler::TraceIdRatioBased(ratio), otherwise }
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
        let caller = parent.filter(|parent| parent.span().span_context().is_valid());
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
            decision: if is_sampled { SamplingDecision::RecordAndSample } else { self.otherwise.clone() },
            attributes: Vec::new(),
            trace_state: caller.map(|caller| caller.span().span_context().trace_state().clone()).unwrap_or_default(),
        }
    }
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
        use SamplingDecision::{Drop, RecordAndSample, RecordOnly};
        let (none, all) = (RatioSampler::new(0.0, false), RatioSampler::new(1.0, false));
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
        assert_eq!(decided(&RatioSampler::new(0.0, true), None), RecordOnly);
    }
}
