//! Which form of an answer a caller wants, by `Accept` (RFC 9110, section 12.5.1).

use poem::http::{HeaderMap, header};

use crate::export::Form;
use crate::list;

/// The form that the caller likes best, the earlier of two liked equally; the first where the caller says nothing. `None`
/// when none is acceptable.
pub(crate) fn negotiate(headers: &HeaderMap, forms: &[Form]) -> Option<Form> {
    if list::elements(headers, header::ACCEPT).next().is_none() {
        return forms.first().copied();
    }
    let ranges: Vec<Range<'_>> = list::elements(headers, header::ACCEPT).filter_map(Range::read).collect();
    let weight = |form: &Form| {
        let matching = ranges.iter().filter_map(|range| Some((range.fits(form.media_type())?, range.weight)));
        matching.max_by_key(|(precise, _)| *precise).map_or(0, |(_, weight)| weight)
    };
    let weighed = forms.iter().map(|form| (weight(form), *form)).filter(|(weight, _)| *weight > 0);
    // Of equals the last wins in `max_by_key`, and the first should.
    weighed.rev().max_by_key(|(weight, _)| *weight).map(|(_, form)| form)
}

/// One of the ranges of an `Accept`.
struct Range<'a> {
    media: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    /// Reads `text/calendar;q=0.5`. Parameters other than the weight are not told apart. What cannot be read is left out.
    fn read(text: &'a str) -> Option<Self> {
        let (media, weight) = list::split_weight(text).filter(|(media, _)| media.contains('/'))?;
        Some(Self { media, weight })
    }

    /// How precisely the range names a media type: 2 by name, 1 by its kind, 0 as any; `None` when it does not.
    fn fits(&self, media_type: &str) -> Option<u8> {
        let kind = |media: &str| media.split('/').next().unwrap_or_default().to_ascii_lowercase();
        match self.media {
            "*/*" => Some(0),
            media if media.ends_with("/*") && kind(media) == kind(media_type) => Some(1),
            media if media.eq_ignore_ascii_case(media_type) => Some(2),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn best(accept: &[&str]) -> Option<Form> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        negotiate(&headers, Form::OF_PLAN)
    }

    #[test]
    fn the_best_liked_form_is_given() {
        for (accept, form) in [
            (&[][..], Form::Json),
            (&[""], Form::Json),
            (&["*/*"], Form::Json),
            (&["text/calendar"], Form::Calendar),
            (&["TEXT/Calendar; charset=utf-8"], Form::Calendar),
            (&["text/*"], Form::Calendar),
            (&["text/*, text/csv"], Form::Calendar),
            (&["text/*;q=0.4, text/csv"], Form::Table),
            (&["application/json;q=0.5, text/markdown;q=0.8"], Form::Markdown),
            (&["application/json; q=0.300, */*; Q=0.2"], Form::Json),
            (&["application/json;q=0, */*"], Form::Calendar),
            (&["image/png", "text/csv"], Form::Table),
            (&["application/vnd.ant.fit, application/zip;q=0.1"], Form::Archive),
            (&["text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8"], Form::Json),
            (&["text/csv;q=9, text/markdown;q=0.001"], Form::Markdown),
            (&["image/png;note=\"text/csv, text/calendar\", text/markdown"], Form::Markdown),
        ] {
            assert_eq!(best(accept), Some(form), "{accept:?}");
        }
    }

    #[test]
    fn nothing_is_given_that_is_not_acceptable() {
        for accept in ["image/png", "text/csv;q=0", "*/*;q=0", "nonsense", "text", "application/vnd.ant.fit", ",,;"] {
            assert_eq!(best(&[accept]), None, "{accept}");
        }
    }
}
