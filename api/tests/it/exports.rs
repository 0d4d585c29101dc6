//! Plans and sessions in the forms that other programs read, over HTTP.

use ally_domain::ids::JobId;
use reqwest::{Method, Response};

use crate::harness::{Ally, body, composed, fields, header, problem};

/// A plan of Amy's, who is taken on Mondays from 9:00 to 17:30, and its first session.
async fn planned(ally: &Ally) -> (String, String) {
    let job = ally.onboarded("amy").await;
    ally.begin(&job).await;
    let id = ally.complete_with(&job, "amy", composed).await;
    let plan = body(ally.get(&format!("/api/v1/plans/{id}"), "amy").await).await;
    let session = plan["plan"]["weeks"][0]["sessions"][0]["id"].as_str().unwrap().to_owned();
    (id, session)
}

async fn accepting(ally: &Ally, path: &str, accept: &str) -> Response {
    ally.request(Method::GET, path, "amy").header("accept", accept).send().await.unwrap()
}

#[tokio::test]
async fn the_end_of_an_address_chooses_the_form() {
    let ally = Ally::start().await;
    let (id, session) = planned(&ally).await;
    let (plan, one) = (format!("/api/v1/plans/{id}"), format!("/api/v1/plans/{id}/sessions/{session}"));
    for (path, media_type, begins) in [
        (format!("{plan}.ics"), "text/calendar; charset=utf-8; method=PUBLISH", "BEGIN:VCALENDAR\r\n"),
        (format!("{plan}.csv"), "text/csv; charset=utf-8; header=present", "plan,version,week,"),
        (format!("{plan}.md"), "text/markdown; charset=utf-8; variant=GFM", "# Training plan\n"),
        (format!("{plan}.zip"), "application/zip", "PK"),
        (format!("{plan}.json"), "application/json", "{\"planId\""),
        (format!("{one}.ics"), "text/calendar; charset=utf-8; method=PUBLISH", "BEGIN:VCALENDAR\r\n"),
        (format!("{one}.csv"), "text/csv; charset=utf-8; header=present", "plan,version,week,"),
        (format!("{one}.md"), "text/markdown; charset=utf-8; variant=GFM", "**"),
        (format!("{one}.fit"), "application/vnd.ant.fit", "\u{e}"),
        (format!("{one}.json"), "application/json", "{\"planId\""),
        (one.clone(), "application/json", "{\"planId\""),
    ] {
        // The address wins over what a browser accepts.
        let response = accepting(&ally, &path, "text/html, */*;q=0.1").await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(header(&response, "content-type"), Some(media_type), "{path}");
        let by_accept = header(&response, "vary").unwrap().split(", ").any(|name| name == "Accept");
        assert_eq!(by_accept, path == one, "{path}");
        let name = header(&response, "content-disposition").map(str::to_owned);
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{path}: {:?}", &bytes[..20]);
        let ending = path.rsplit('.').next().unwrap();
        match ending {
            "json" => assert_eq!(name, None),
            _ if path == one => assert_eq!(name, None),
            _ => assert!(name.unwrap().ends_with(&format!(".{ending}\"")), "{path}"),
        }
    }
}

#[tokio::test]
async fn accept_chooses_the_form() {
    let ally = Ally::start().await;
    let (id, session) = planned(&ally).await;
    let plan = format!("/api/v1/plans/{id}");
    for (accept, media_type) in [
        ("text/calendar", "text/calendar"),
        ("application/json;q=0.2, text/csv;q=0.9, */*;q=0.1", "text/csv"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "application/json"),
        ("application/zip", "application/zip"),
        ("text/markdown", "text/markdown"),
    ] {
        let response = accepting(&ally, &plan, accept).await;
        assert!(header(&response, "content-type").unwrap().starts_with(media_type), "{accept}");
        assert_eq!(header(&response, "vary"), Some("Accept, Accept-Encoding"));
    }
    let workout = accepting(&ally, &format!("{plan}/sessions/{session}"), "application/vnd.ant.fit").await;
    let disposition = header(&workout, "content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"session-2026-"), "{disposition}");
    let named = accepting(&ally, &plan, "text/calendar").await;
    assert_eq!(header(&named, "content-disposition"), Some(&*format!("attachment; filename=\"plan-{id}-v1.ics\"")));
}

#[tokio::test]
async fn what_there_is_not_is_answered_with_what_there_is() {
    let ally = Ally::start().await;
    let (id, session) = planned(&ally).await;
    let plan = format!("/api/v1/plans/{id}");
    let refused = problem(accepting(&ally, &plan, "application/vnd.ant.fit").await, 406, "not-acceptable").await;
    let detail = refused["detail"].as_str().unwrap();
    for told in ["application/json", "text/calendar", "text/csv", "text/markdown", "application/zip", "sessions/"] {
        assert!(detail.contains(told), "{told}: {detail}");
    }
    let session_of = format!("{plan}/sessions/{session}");
    let refused = problem(accepting(&ally, &session_of, "application/zip").await, 406, "not-acceptable").await;
    assert!(refused["detail"].as_str().unwrap().contains("application/vnd.ant.fit"), "{refused}");
    for (path, told) in [
        (format!("{plan}.pdf"), ".ics"),
        (format!("{plan}.fit"), "sessions/{session}.fit"),
        (format!("{plan}.tar.gz"), ".zip"),
        (format!("{plan}."), ".csv"),
        (format!("{plan}.ICS"), ".ics"),
        (format!("{plan}/sessions/{session}.zip"), ".fit"),
    ] {
        let missing = problem(ally.get(&path, "amy").await, 404, "not-found").await;
        assert!(missing["detail"].as_str().unwrap().contains(told), "{path}: {missing}");
    }
    let wrong = problem(ally.get(&format!("{plan}.ics?start=25:00"), "amy").await, 400, "validation").await;
    assert_eq!(fields(&wrong), ["start"]);
    problem(ally.get(&format!("{plan}/sessions/w9d9"), "amy").await, 404, "not-found").await;
}

#[tokio::test]
async fn another_athletes_plan_is_not_there_in_any_form() {
    let ally = Ally::start().await;
    let (id, session) = planned(&ally).await;
    let unknown = JobId::for_key(&"amy".parse().unwrap(), "k");
    for id in [id.as_str(), unknown.as_str()] {
        for end in [".ics", ".csv", ".zip", ".md", ".json", "", &format!("/sessions/{session}.fit")] {
            problem(ally.get(&format!("/api/v1/plans/{id}{end}"), "eve").await, 404, "not-found").await;
        }
    }
    problem(ally.server.get(&format!("/api/v1/plans/{id}.ics")).await, 401, "unauthorized").await;
}

#[tokio::test]
async fn the_calendar_keeps_off_the_fixed_hours_of_the_profile() {
    let ally = Ally::start().await;
    let (id, _) = planned(&ally).await;
    let calendar = |start: &'static str| {
        let (ally, id) = (&ally, &id);
        async move { ally.get(&format!("/api/v1/plans/{id}.ics{start}"), "amy").await.text().await.unwrap() }
    };
    let starts = |calendar: &str, ends: &str| {
        let starts = calendar.lines().filter(|line| line.starts_with("DTSTART:"));
        starts.filter(|line| line.trim_end().ends_with(ends)).count()
    };
    let evening = calendar("").await;
    let events = evening.matches("BEGIN:VEVENT").count();
    assert_eq!(starts(&evening, "T180000"), events);
    let early = calendar("?start=14:00").await;
    let mondays = starts(&early, "T173000");
    assert!(mondays > 0, "a Monday's session waits for the end of work: {early}");
    assert_eq!(mondays + starts(&early, "T140000"), events);
    assert_eq!(calendar("").await, evening, "the same plan, the same bytes");
}
