//! The address of a list's next page (RFC 8288): `Link: </api/v1/plans?limit=20&cursor=…>; rel="next"`.

use poem::Response;
use poem::http::{HeaderValue, Uri, header};

use crate::percent;

/// What gets the page behind another one, left in the extensions of that one's answer.
#[derive(Clone)]
pub(crate) struct Next {
    /// The parameter that a page is asked for by.
    pub parameter: &'static str,
    /// Its value.
    pub value: String,
}

/// Links the next page, where there is one.
pub(super) fn link(uri: &Uri, response: &mut Response) {
    let Some(next) = response.data::<Next>() else { return };
    let address = address(uri, next);
    if let Ok(link) = HeaderValue::from_str(&format!("<{address}>; rel=\"next\"")) {
        response.headers_mut().append(header::LINK, link);
    }
}

/// The address that was asked, for the page behind it.
fn address(uri: &Uri, Next { parameter, value }: &Next) -> String {
    let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let kept = kept.filter(|pair| pair.split('=').next() != Some(parameter));
    let mut address = format!("{}?", uri.path());
    for pair in kept {
        address.push_str(pair);
        address.push('&');
    }
    address + parameter + "=" + &percent::encode(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_keeps_what_was_asked() {
        for (asked, next) in [
            ("/a", "/a?cursor=5%2F%22"),
            ("/a?limit=2&cursor=1", "/a?limit=2&cursor=5%2F%22"),
            ("/a?cursor=1&q=x%20y&&cursors=1", "/a?q=x%20y&cursors=1&cursor=5%2F%22"),
        ] {
            let cursor = Next { parameter: "cursor", value: "5/\"".to_owned() };
            assert_eq!(address(&asked.parse().unwrap(), &cursor), next);
        }
    }
}
