//! Whatever bytes an endpoint sends: a sound plan or a named failure, and nothing breaks down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ally_domain::ports::{PlanProvider, ProviderError};
use ally_handlers::providers::LlmConfig;
use ally_handlers::testing::{FakeModel, Reply};
use proptest::prelude::*;

use super::{assert_sound, config, order, provider, sound};

/// Changes to a good answer, or anything at all.
fn answers() -> impl Strategy<Value = Vec<u8>> {
    let good = Reply::draft(&sound(&order())).bytes();
    let body_at = good.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let body = good[body_at..].to_vec();
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let changed = move |(cut, changes): (prop::sample::Index, Vec<(prop::sample::Index, u8)>)| {
        let mut body = body.clone();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if cut.index(4) == 0 {
            body.truncate(cut.index(body.len()));
        }
        Reply::Http(200, String::new(), body).bytes()
    };
    let json =
        "(\\{|\\}|\\[|\\]|\"|:|,|sessions|choices|message|content|[0-9]{1,30}|-|e|null|\\\\u[0-9a-f]{2,4}){0,60}";
    prop_oneof![
        6 => (any::<prop::sample::Index>(), changes).prop_map(changed),
        2 => json.prop_map(|text| Reply::Text(text).bytes()),
        1 => json.prop_map(|text| Reply::Http(200, String::new(), text.into_bytes()).bytes()),
        1 => (100u16..700, prop::collection::vec(any::<u8>(), 0..200))
            .prop_map(|(status, body)| Reply::Http(status, String::new(), body).bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

#[test]
fn any_answer_is_a_sound_plan_or_a_named_failure() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = Arc::new(Mutex::new(Vec::new()));
    let (model, provider) = runtime.block_on(async {
        let answer = answer.clone();
        let model = FakeModel::start(move |_, _| Reply::Bytes(answer.lock().unwrap().clone())).await;
        let config = LlmConfig { max_retries: 0, timeout: Duration::from_secs(5), ..config(&model) };
        (model, provider(config))
    });
    let config = ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(bytes in answers())| {
        *answer.lock().unwrap() = bytes;
        match runtime.block_on(provider.make(&order())) {
            Ok(plan) => assert_sound(&plan),
            Err(ProviderError::Permanent { reason, .. } | ProviderError::Transient { reason, .. }) => {
                prop_assert!(!reason.is_empty());
            }
        }
    });
    assert!(model.seen().len() >= 160);
}
