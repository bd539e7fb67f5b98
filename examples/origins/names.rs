//! What `aiplat render --format json` says about stretches of its text.

use serde::Deserialize;

#[derive(Deserialize)]
struct Output {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Deserialize)]
struct Segment {
    start: usize,
    end: usize,
    origins: Vec<Origin>,
}

#[derive(Deserialize)]
struct Origin {
    file: String,
    start: usize,
    end: usize,
    #[serde(default)]
    control: bool,
}

/// A place in the values file that bytes of the text name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    /// Its first byte.
    pub(crate) start: usize,
    /// Behind its last byte.
    pub(crate) end: usize,
    /// Whether it only decided that the bytes appear.
    pub(crate) control: bool,
}

/// The text, and for each stretch of it the places that it names in one file.
pub(crate) struct Names {
    /// What was rendered.
    pub(crate) text: String,
    segments: Vec<(usize, usize, Vec<Named>)>,
}

impl Names {
    /// Reads the format; only places in `file` count.
    pub(crate) fn read(json: &str, file: &str) -> Result<Self, String> {
        let output: Output = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let named = |origins: Vec<Origin>| {
            let here = origins.into_iter().filter(|origin| origin.file == file);
            here.map(
                |Origin {
                     start,
                     end,
                     control,
                     ..
                 }| Named {
                    start,
                    end,
                    control,
                },
            )
            .collect()
        };
        let segments = output.segments.into_iter();
        Ok(Self {
            text: output.text,
            segments: segments
                .map(|segment| (segment.start, segment.end, named(segment.origins)))
                .collect(),
        })
    }

    /// The places that any of the bytes `start..end` names.
    pub(crate) fn within(&self, start: usize, end: usize) -> impl Iterator<Item = Named> {
        let first = self.segments.partition_point(|segment| segment.1 <= start);
        let segments = self.segments.get(first..).unwrap_or_default().iter();
        segments
            .take_while(move |segment| segment.0 < end)
            .flat_map(|segment| segment.2.iter().copied())
    }
}
