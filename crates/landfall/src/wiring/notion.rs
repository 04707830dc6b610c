//! From a section to a database of Notion.

use super::settings::{Settings, number, secret, text};
use base::Fault;
use connector_notion::types::PropertyKind;
use connector_notion::{
    API, Client, NotionConfig, NotionPages, NotionService, PagesSettings, Ports, ServiceSettings,
};
use project::Setting;
use std::num::NonZeroU32;
use std::sync::Arc;
use webclient::Observer;

/// The database that a section names.
pub(super) fn service(settings: &Settings, observer: Arc<dyn Observer>) -> Result<NotionService, Fault> {
    let database = text(settings, "database").unwrap_or_default();
    let mut said = ServiceSettings::new(database);
    said.data_source = text(settings, "data_source");
    said.mark_property = text(settings, "mark_property").unwrap_or(said.mark_property);
    said.add_properties = matches!(setting(settings, "add_properties"), Some(Setting::Boolean(true)));
    if let Some(Setting::Choices(properties)) = setting(settings, "properties") {
        let property =
            |(name, kind): &(project::Spanned<String>, String)| (name.value.clone(), PropertyKind::of(kind));
        said.properties = properties.iter().map(property).collect();
    }
    Ok(NotionService::with(client(settings, observer)?, said))
}

/// The members' pages that the bridge keeps in the database.
pub(super) fn pages(settings: &Settings, observer: Arc<dyn Observer>) -> Result<NotionPages, Fault> {
    let mut said = PagesSettings::new(text(settings, "database").unwrap_or_default());
    said.data_source = text(settings, "data_source");
    said.id_property = text(settings, "member_property").unwrap_or(said.id_property);
    said.add_properties = matches!(setting(settings, "add_properties"), Some(Setting::Boolean(true)));
    Ok(NotionPages::new(client(settings, observer)?, said))
}

fn setting<'a>(settings: &'a Settings, name: &str) -> Option<&'a Setting> {
    settings.get(name).map(|setting| &setting.value)
}

fn client(settings: &Settings, observer: Arc<dyn Observer>) -> Result<Client, Fault> {
    let Some(token) = secret(settings, "api_token") else {
        return Err(Fault::usage("Notion: there is no token").hint("set NOTION_API_TOKEN"));
    };
    let url = text(settings, "url").unwrap_or_else(|| API.to_owned());
    let mut ports = Ports { observer: Some(observer), ..Ports::default() };
    let a_minute = number(settings, "requests_per_minute").and_then(|n| u32::try_from(n).ok());
    if let Some(a_minute) = a_minute.and_then(NonZeroU32::new) {
        ports.settings.requests_per_minute = Some(a_minute);
    }
    Client::with(&NotionConfig { url, token }, ports)
}
