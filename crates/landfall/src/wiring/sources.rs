//! From the sections of sources to connectors.

use super::bettermode;
use crate::face::Face;
use base::Fault;
use connect::Source;
use connector_bettermode::BettermodeSource;
use connector_bubble::{BubbleConfig, BubbleSource};
use connector_circle::{CircleConfig, CircleSource};
use connector_files::FilesSource;
use export::csv::EmptyMeans;
use project::{Project, Setting, SourceConfig};
use std::sync::Arc;

/// A source from its section.
pub fn open(face: &Face, project: &Project, config: &SourceConfig) -> Result<Arc<dyn Source>, Fault> {
    match config.connector.as_str() {
        "bubble" => {
            let url = config.url.as_ref().map(|u| u.value.clone()).unwrap_or_default();
            let mut bubble = BubbleConfig::new(url, config.api_key.clone());
            if let Some(connections) = config.connections {
                bubble.connections = connections;
            }
            bubble.requests_per_minute = config.requests_per_minute;
            bubble.observer = Some(Arc::new(Waits(face.clone())));
            Ok(Arc::new(BubbleSource::new(bubble)?))
        }
        "circle" => {
            let mut circle = CircleConfig::new(config.api_key.clone());
            circle.url = config.url.as_ref().map(|u| u.value.clone()).unwrap_or(circle.url);
            if let Some(Setting::Text(id)) = config.settings.get("community_id").map(|s| &s.value) {
                circle.community_id = Some(id.clone());
            }
            circle.connections = config.connections.unwrap_or(circle.connections);
            circle.requests_per_minute = config.requests_per_minute.unwrap_or(circle.requests_per_minute);
            circle.observer = Some(Arc::new(Waits(face.clone())));
            Ok(Arc::new(CircleSource::new(circle)?))
        }
        "bettermode" => {
            let url = config.url.as_ref().map(|u| u.value.as_str());
            let client = bettermode::client(face, project, url, &config.settings)?;
            Ok(Arc::new(BettermodeSource::new(client)))
        }
        "files" => {
            let path =
                config.path.as_ref().map(|p| project.path(&p.value)).unwrap_or_else(|| project.root.clone());
            let empty = match config.csv_empty {
                project::CsvEmpty::Null => EmptyMeans::Null,
                project::CsvEmpty::Text => EmptyMeans::Text,
            };
            Ok(Arc::new(FilesSource::new(path, empty)))
        }
        other => Err(Fault::usage(format!("no connector {other} reads a source"))),
    }
}

/// Shows what the client waits for.
pub(super) struct Waits(pub(super) Face);

impl webclient::Observer for Waits {
    fn event(&self, event: &webclient::Event) {
        let webclient::Event::Waiting { cause, path, attempt, wait, asked } = event;
        let asked = if *asked { ", as the service asks" } else { "" };
        let line = format!(
            "{path}: {} (attempt {attempt}); waiting {:.1} s{asked}",
            cause_words(cause),
            wait.as_secs_f64()
        );
        engine::Observer::event(&self.0, &engine::Event::Warning(line));
    }
}

/// What an attempt failed of.
fn cause_words(cause: &webclient::Cause) -> String {
    format!("{cause:?}").to_lowercase()
}
