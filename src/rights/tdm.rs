//! `TDMRep`, put together: the file, the headers, the meta elements, each over the one before. A
//! step that is silent resets nothing.

use super::lines;
use super::record::Tdm;
use super::tdmrep::TdmFile;
use crate::parse::Imprint;
use http::HeaderMap;
use url::Url;

/// What one step says.
#[derive(Default)]
struct Step {
    reservation: Option<bool>,
    policy: Option<String>,
}

/// The reservation of a page.
pub(super) fn read(
    file: Option<&TdmFile>,
    headers: &HeaderMap,
    imprint: Option<&Imprint>,
    url: &Url,
) -> Tdm {
    let mut tdm = Tdm::default();
    let of_file = file
        .and_then(|file| file.of(url))
        .map(|(reserved, policy)| Step {
            reservation: Some(reserved),
            policy: policy.map(str::to_owned),
        });
    tdm.add(of_file.unwrap_or_default(), "file");
    let reservations = lines(headers, "tdm-reservation");
    let of_headers = Step {
        reservation: reservation(reservations),
        policy: policy(lines(headers, "tdm-policy").last()),
    };
    tdm.add(of_headers, "header");
    let of_meta = imprint.map(|imprint| Step {
        reservation: reservation(imprint.tdm_reservations.iter()),
        policy: policy(imprint.tdm_policy.as_ref()),
    });
    tdm.add(of_meta.unwrap_or_default(), "meta");
    tdm
}

impl Tdm {
    /// A policy counts only with a reservation.
    fn add(&mut self, step: Step, via: &str) {
        if let Some(reserved) = step.reservation {
            self.reservation = Some(u8::from(reserved));
            self.via = Some(via.to_owned());
        }
        match self.reservation {
            Some(1) => self.policy = step.policy.or(self.policy.take()),
            _ => self.policy = None,
        }
    }
}

/// 1 is reserved, 0 is not, all else is nothing; of several the stricter.
fn reservation(values: impl Iterator<Item = impl AsRef<str>>) -> Option<bool> {
    let read = |value: &str| match value.trim() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    values.filter_map(|value| read(value.as_ref())).max()
}

fn policy(value: Option<impl AsRef<str>>) -> Option<String> {
    let value = value?;
    let text = value.as_ref().trim();
    (!text.is_empty()).then(|| text.to_owned())
}
