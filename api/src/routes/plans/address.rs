//! Addresses that may end in a form: `<id>.ics`. Ids hold no dots, so that the two are never mistaken for each other.

use poem::http::HeaderMap;

use crate::export::Form;
use crate::negotiate::negotiate;
use crate::problem::{Kind, Problem};

/// An id, and the form that was asked for.
pub(super) struct Address<'a> {
    pub id: &'a str,
    pub form: Form,
    /// Whether `Accept` chose the form; then caches keep the answers apart by it.
    pub negotiated: bool,
}

impl<'a> Address<'a> {
    /// Takes the form from the end of the address, or from `Accept` where the address names none.
    pub(super) fn read(text: &'a str, headers: &HeaderMap, forms: &[Form]) -> Result<Self, Problem> {
        match text.split_once('.') {
            Some((id, extension)) => {
                let form = Form::of_extension(extension, forms).ok_or_else(|| unknown(extension, forms))?;
                Ok(Self { id, form, negotiated: false })
            }
            None => {
                let form = negotiate(headers, forms).ok_or_else(|| unacceptable(forms))?;
                Ok(Self { id: text, form, negotiated: true })
            }
        }
    }
}

fn unknown(extension: &str, forms: &[Form]) -> Problem {
    let shown: String = extension.chars().take(20).collect();
    let there: Vec<_> = forms.iter().map(|form| format!(".{}", form.extension())).collect();
    Problem::new(Kind::NotFound, format!("there is no form .{shown} of it, only {}{}", there.join(", "), hint(forms)))
}

fn unacceptable(forms: &[Form]) -> Problem {
    let there: Vec<_> = forms.iter().map(|form| form.media_type()).collect();
    let detail = format!("Accept allows nothing that there is: {}{}", there.join(", "), hint(forms));
    Problem::new(Kind::NotAcceptable, detail)
}

/// Where a plan's FIT files are: each holds one session.
fn hint(forms: &[Form]) -> &'static str {
    if forms.contains(&Form::Fit) {
        ""
    } else {
        "; a FIT file holds one session: GET /api/v1/plans/{id}/sessions/{session}.fit, all of them are in the .zip"
    }
}
