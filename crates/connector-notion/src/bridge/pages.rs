//! One page for each member, written only when something differs.
//!
//! A page is its member's by the property that holds their id. It is looked for before one is made: where we
//! made it ourselves, by that property, by address, and again for some seconds, because a query may not show
//! a page that was made a moment ago.

use super::columns::{Columns, configs};
use super::settings::{Field, PagesSettings};
use crate::client::{Client, Query};
use crate::errors::Error;
use crate::service::schema::Property;
use crate::service::{NotionService, ServiceSettings, write};
use crate::types::{Page, plain_id};
use ::bridge::ports::{Member, PageKept, Pages};
use async_trait::async_trait;
use base::{Class, Fault};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;

/// Pauses between looks for a page that another process, or this one before it was ended, may have made a
/// moment ago.
const LOOK_PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// Pages that we made and know without a look: far more than are made while one is not shown yet.
const MADE_KEPT_MAX: usize = 1_000;

/// Members that can be worked on side by side; two of one stripe wait for each other.
const STRIPES: usize = 64;

/// Pages of one member that are told apart: one is right, two are too many.
const FOUND_MAX: usize = 2;

/// How often properties are added again whose adding was not answered.
const ADD_TRIES_MAX: usize = 3;

/// Pages about members, in one database.
pub struct NotionPages {
    client: Client,
    service: NotionService,
    settings: PagesSettings,
    columns: RwLock<Option<Arc<Columns>>>,
    /// Held while properties are found and added, so that nobody adds them twice.
    finding: Mutex<()>,
    stripes: [Mutex<()>; STRIPES],
    /// Member → page.
    made: std::sync::Mutex<VecDeque<(String, String)>>,
}

impl NotionPages {
    /// The pages of this database; nothing is asked yet.
    pub fn new(client: Client, settings: PagesSettings) -> Self {
        let of_service = ServiceSettings {
            data_source: settings.data_source.clone(),
            mark_property: settings.id_property.clone(),
            ..ServiceSettings::new(settings.database_id.clone())
        };
        Self {
            service: NotionService::with(client.clone(), of_service),
            client,
            settings,
            columns: RwLock::new(None),
            finding: Mutex::new(()),
            stripes: std::array::from_fn(|_| Mutex::new(())),
            made: std::sync::Mutex::new(VecDeque::new()),
        }
    }

    fn known(&self) -> Option<Arc<Columns>> {
        self.columns.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The properties, found once, and added where they are missing and may be.
    async fn columns(&self) -> Result<Arc<Columns>, Fault> {
        let _finding = self.finding.lock().await;
        if let Some(columns) = self.known() {
            return Ok(columns);
        }
        let mut source = self.service.find_source().await?;
        for tries in 0.. {
            let configs = configs(&source)?;
            let schema = self.service.keep(source);
            let id = schema.data_source_id.clone();
            let missing = match Columns::of(&configs, schema, &self.settings)? {
                Ok(columns) => {
                    let columns = Arc::new(columns);
                    *self.columns.write().unwrap_or_else(PoisonError::into_inner) = Some(columns.clone());
                    return Ok(columns);
                }
                Err(_) if tries == ADD_TRIES_MAX => break,
                Err(missing) => missing,
            };
            source = match self.client.update_data_source(&id, &Value::Object(missing)).await {
                Ok(source) => source,
                // Whether they were added is seen when they are read.
                Err(Error::UnknownOutcome { .. } | Error::Conflict { .. }) => {
                    self.client.data_source(&id).await?
                }
                Err(error) => return Err(error.into()),
            };
        }
        Err(Fault::stop("the properties that are missing in the database are not added")
            .hint("add them in Notion: the project names them"))
    }

    /// Forgets what is known of the database: somebody may have changed it.
    async fn forget(&self) {
        *self.columns.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.service.forget().await;
    }

    async fn kept(&self, columns: &Columns, member: &Member, gone: bool) -> Result<PageKept, Fault> {
        let Some(page) = self.find(columns, member, gone).await? else {
            return if gone { Ok(PageKept::None) } else { self.make(columns, member).await };
        };
        let mut changes = Map::new();
        if self.service.text(&page, &columns.id).await?.as_deref() != Some(&member.id) {
            changes.extend([written(&columns.id, &member.id)?]);
        }
        for (field, property) in &columns.fields {
            let Some(wanted) = field.wanted(member, gone) else { continue };
            if self.service.text(&page, property).await?.as_ref() != Some(&wanted) {
                changes.extend([written(property, &wanted)?]);
            }
        }
        if changes.is_empty() {
            return Ok(PageKept::Same(page.id));
        }
        // Met by another change, or not answered: it is done again, after another look.
        self.client.update_page(&page.id, &changes).await?;
        Ok(PageKept::Changed(page.id))
    }

    async fn make(&self, columns: &Columns, member: &Member) -> Result<PageKept, Fault> {
        let mut properties = Map::from_iter([written(&columns.id, &member.id)?]);
        for (field, property) in &columns.fields {
            if let Some(wanted) = field.wanted(member, false) {
                properties.extend([written(property, &wanted)?]);
            }
        }
        let page = self.client.create_page(&columns.schema.data_source_id, &properties).await?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.truncate(MADE_KEPT_MAX - 1);
        made.push_front((member.id.clone(), page.id.clone()));
        Ok(PageKept::Made(page.id))
    }

    /// The page of a member. One who is gone gets no page that never was theirs.
    async fn find(&self, columns: &Columns, member: &Member, gone: bool) -> Result<Option<Page>, Fault> {
        if let Some(page) = self.made_page(&member.id)
            && let Some(page) = self.service.there(&columns.schema, &page).await?
        {
            return Ok(Some(page));
        }
        if let Some(page) = self.by_id(columns, &member.id).await? {
            return Ok(Some(page));
        }
        if !gone && let Some(page) = self.by_email(columns, member).await? {
            return Ok(Some(page));
        }
        for pause in LOOK_PAUSES {
            self.client.pace().sleep(pause).await;
            if let Some(page) = self.by_id(columns, &member.id).await? {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    fn made_page(&self, member: &str) -> Option<String> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter().find(|(id, _)| id == member).map(|(_, page)| page.clone())
    }

    async fn by_id(&self, columns: &Columns, member: &str) -> Result<Option<Page>, Fault> {
        let filter = json!({"property": columns.id.config.id, "rich_text": {"equals": member}});
        let query = Query { filter: Some(filter), properties: vec![plain_id(&columns.id.config.id)] };
        let mut theirs = Vec::new();
        for page in self.client.query(&columns.schema.data_source_id, query).first(FOUND_MAX).await? {
            // Whether filters heed capitals is not documented.
            if self.service.text(&page, &columns.id).await?.as_deref() == Some(member) {
                theirs.push(page.id);
            }
        }
        match theirs.as_slice() {
            [] => Ok(None),
            // The query shows only one of its properties.
            [one] => Ok(self.service.there(&columns.schema, one).await?),
            [first, second, ..] => {
                Err(Fault::stop(format!("the pages {first} and {second} are of the same member"))
                    .hint("put one of them into the trash, or clear the id on it"))
            }
        }
    }

    /// The page with a member's address, if it is nobody's yet.
    async fn by_email(&self, columns: &Columns, member: &Member) -> Result<Option<Page>, Fault> {
        let (Some(email), Some(property)) = (&member.email, columns.field(Field::Email)) else {
            return Ok(None);
        };
        if !self.settings.adopt_by_email || email.is_empty() {
            return Ok(None);
        }
        let mut free = Vec::new();
        for id in self.service.holding(property, email).await? {
            let Some(page) = self.service.there(&columns.schema, &id).await? else { continue };
            // It may have been changed since the database was scanned.
            let held = self.service.text(&page, property).await?;
            if held.is_none_or(|held| held.to_lowercase() != email.to_lowercase()) {
                continue;
            }
            match self.service.text(&page, &columns.id).await? {
                Some(id) if id == member.id => return Ok(Some(page)),
                Some(_) => {}
                None => free.push(page),
            }
        }
        if let [first, second, ..] = free.as_slice() {
            let what =
                format!("the pages {} and {} have the address of the same member", first.id, second.id);
            return Err(
                Fault::stop(what).hint("put one of them into the trash, or write the id on the other")
            );
        }
        Ok(free.pop())
    }
}

/// A value as the service takes it: property → value.
fn written(property: &Property, text: &str) -> Result<(String, Value), Fault> {
    let kind = &property.config.kind;
    let value = write::value(kind, Some(text)).map_err(|(_, reason)| {
        Fault::fail(format!("the property {:?} does not take the value: {reason}", property.config.name))
    })?;
    Ok((property.config.id.clone(), json!({kind.word(): value})))
}

#[async_trait]
impl Pages for NotionPages {
    async fn check(&self) -> Result<(), Fault> {
        self.client.me().await?;
        self.columns().await.map(drop)
    }

    async fn keep(&self, member: &Member, gone: bool) -> Result<PageKept, Fault> {
        let mut hasher = DefaultHasher::new();
        member.id.hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % STRIPES as u64).unwrap_or_default();
        let _held = self.stripes[stripe].lock().await;
        let columns = self.columns().await?;
        let kept = self.kept(&columns, member, gone).await;
        match kept {
            // What does not fit any more may be because somebody changed the database meanwhile.
            Err(fault) if fault.class != Class::Retry => {
                self.forget().await;
                let now = self.columns().await?;
                if now == columns { Err(fault) } else { self.kept(&now, member, gone).await }
            }
            kept => kept,
        }
    }
}
