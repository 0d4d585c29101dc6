//! The specification's own library in another language than Ally's, over what an endpoint got.

use std::process::Command;

use serde_json::json;

use super::receiver::Received;
use crate::clients::{folder_for_a_run, installed, run};

/// Verifies each message of a file, and one that was changed on its way, which it must refuse.
const VERIFY: &str = r#"
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
given = json.load(open(sys.argv[1]))
webhook = Webhook(given["secret"])
for message in given["messages"]:
    webhook.verify(message["body"], message["headers"])
try:
    webhook.verify(given["messages"][0]["body"] + " ", given["messages"][0]["headers"])
    sys.exit("a message that was changed is taken")
except WebhookVerificationError:
    print(len(given["messages"]))
"#;

/// How many messages the library takes; it takes all, or this fails.
pub fn verified_in_python(messages: &[Received], secret: &str) -> usize {
    let packages = installed("python");
    let folder = folder_for_a_run(&packages);
    let file = folder.path().join("messages.json");
    let messages: Vec<_> =
        messages.iter().map(|message| json!({"headers": message.headers, "body": message.body})).collect();
    std::fs::write(&file, json!({"secret": secret, "messages": messages}).to_string()).unwrap();
    let mut python = Command::new("python3");
    python.args(["-B", "-c", VERIFY]).arg(&file).env("PYTHONPATH", packages.join("packages"));
    run(&mut python).trim().parse().unwrap()
}
