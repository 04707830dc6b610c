//! From the project's rules and webhooks to the bridge's: plain data on both sides, which know nothing of
//! each other.

use base::Fault;
use bridge::Sender;
use bridge::rules::{Condition, Does, Rule, TableRule};
use bridge::senders::{self, Settings};
use jiff::SignedDuration;
use project::{Deed, RowConfig, RuleConfig, ServeConfig, Spanned, WebhookConfig};

/// The rules, in the file's order.
pub fn rules(config: &ServeConfig) -> Vec<Rule> {
    config.rules.iter().map(rule).collect()
}

fn rule(config: &RuleConfig) -> Rule {
    let condition = |(hole, text): &(Spanned<base::template::Hole>, Spanned<String>)| Condition {
        hole: hole.value.clone(),
        equals: text.value.clone(),
    };
    Rule {
        name: config.name.value.clone(),
        on: config.on.iter().map(|kind| kind.value.clone()).collect(),
        when: config.when.iter().map(condition).collect(),
        does: does(&config.deed),
        after: config.after.unwrap_or(SignedDuration::ZERO),
    }
}

fn does(deed: &Deed) -> Does {
    match deed {
        Deed::ProcessMember { row, pages } => {
            Does::ProcessMember { table: row.as_ref().map(table), cache: true, pages: *pages }
        }
        Deed::TrackActivity => Does::TrackActivity,
        Deed::ScheduleEvent { remind, text } => Does::ScheduleEvent {
            remind_before: remind.iter().map(|length| length.as_secs().unsigned_abs()).collect(),
            text: text.as_ref().map(|text| text.value.clone()),
        },
        Deed::SendMessage { to, text } => {
            Does::SendMessage { to: to.value.clone(), text: text.value.clone() }
        }
        Deed::PublishPost { space, title, content, author } => Does::PublishPost {
            space: space.value.clone(),
            title: title.value.clone(),
            content: content.value.clone(),
            author: author.as_ref().map(|author| author.value.clone()),
        },
        Deed::CallUrl { url } => Does::CallUrl { url: url.value.clone() },
    }
}

/// The table's name as the bridge's store takes it: the destination is the one that has the inbox, which the
/// project's checker saw to.
fn table(row: &RowConfig) -> TableRule {
    let table = &row.table.value;
    let name = match &table.schema {
        Some(schema) => format!("{schema}.{}", table.table),
        None => table.table.clone(),
    };
    let columns = row.columns.iter().map(|(column, text)| (column.value.clone(), text.value.clone()));
    TableRule { name, key: row.key.value.clone(), columns: columns.collect() }
}

/// The sender of a webhook that needs no connector; `None`: it is its connector's (`bettermode`).
pub fn sender(webhook: &WebhookConfig) -> Option<Result<Box<dyn Sender>, Fault>> {
    senders::KINDS.iter().find(|kind| kind.word == webhook.sender)?;
    let settings = Settings {
        name: webhook.name.clone(),
        secret: webhook.secret.clone(),
        token: webhook.token.clone(),
        allow_unsigned: webhook.allow_unsigned,
    };
    let fault = |unfit: senders::Unfit| {
        Fault::usage(unfit.to_string()).at(format_args!("serve.webhooks.{}", webhook.name))
    };
    Some(senders::sender(&webhook.sender, &settings).map_err(fault))
}
