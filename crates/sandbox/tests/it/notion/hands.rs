//! What people change by hand while a program is at work.

use super::support::{id, notion, text};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_called_otherwise_is_found_by_its_id_only() {
    let notion = notion("").await;
    let source = notion.running.members_source_id.clone();
    let column =
        notion.running.data_source(&source).expect("it is there")["properties"]["Email"]["id"].clone();
    let column = column.as_str().expect("an id");
    assert!(notion.running.rename_property(&source, "Email", "E-mail address"));
    assert!(!notion.running.rename_property(&source, "Email", "again"));
    let message =
        notion.refused("POST", "/pages", &notion.row(&json!({"Email": {"email": "a@a.example"}}))).await;
    assert!(message.contains("Email is not a property that exists."), "{message}");
    let row = notion.member(&json!({column: {"email": "a@a.example"}})).await;
    let page = notion.get(&format!("/pages/{row}")).await;
    assert_eq!(page["properties"]["E-mail address"]["email"], "a@a.example");
    let filter = json!({"filter": {"property": column, "email": {"equals": "a@a.example"}}});
    assert_eq!(notion.query(&filter).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_another_type_refuses_the_old_values() {
    let notion = notion("").await;
    let source = notion.running.members_source_id.clone();
    let row = notion.member(&json!({"Email": {"email": "a@a.example"}, "Posts": {"number": 4}, "Joined": {"date": {"start": "2025-01-02"}}})).await;
    for (name, kind) in [("Email", "rich_text"), ("Posts", "checkbox"), ("Joined", "status")] {
        assert!(notion.running.change_property_type(&source, name, kind), "{name}");
    }
    for (name, kind) in
        [("Weather", "url"), ("Name", "url"), ("Phone", "title"), ("Phone", "relation"), ("Phone", "weather")]
    {
        assert!(!notion.running.change_property_type(&source, name, kind), "{name} {kind}");
    }
    let page = notion.get(&format!("/pages/{row}")).await;
    assert_eq!(page["properties"]["Email"]["rich_text"][0]["plain_text"], "a@a.example", "a text stays");
    assert_eq!(page["properties"]["Posts"]["checkbox"], false);
    assert_eq!(page["properties"]["Joined"]["status"], Value::Null);
    let message = notion
        .refused(
            "PATCH",
            &format!("/pages/{row}"),
            &json!({"properties": {"Email": {"email": "b@b.example"}}}),
        )
        .await;
    assert!(message.contains("Email is expected to be rich_text."), "{message}");
    let shown = notion.get(&format!("/data_sources/{source}")).await;
    assert_eq!(shown["properties"]["Joined"]["status"]["options"].as_array().map(Vec::len), Some(3));
    assert!(notion.running.change_property_type(&source, "Email", "number"));
    assert_eq!(notion.get(&format!("/pages/{row}")).await["properties"]["Email"]["number"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_take_columns_away_and_add_data_sources() {
    let notion = notion("").await;
    let source = notion.running.members_source_id.clone();
    assert!(notion.running.remove_property(&source, "Phone"));
    assert!(
        !notion.running.remove_property(&source, "Phone") && !notion.running.remove_property(&source, "Name")
    );
    notion.refused("POST", "/pages", &notion.row(&json!({"Phone": {"phone_number": "1"}}))).await;
    let second =
        notion.running.add_data_source(&notion.running.members_database_id, "Alumni").expect("a database");
    let database = notion.running.database(&notion.running.members_database_id).expect("it is there");
    assert_eq!(database["data_sources"][1], json!({"id": second, "name": "Alumni"}));
    let message = notion
        .refused(
            "POST",
            "/pages",
            &json!({"parent": {"database_id": notion.running.members_database_id}, "properties": {}}),
        )
        .await;
    assert!(message.contains("multiple data sources"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_write_and_throw_away_pages() {
    let notion = notion("").await;
    let source = notion.running.members_source_id.clone();
    let row = notion.running.add_page(&source, &json!({"Name": {"title": text("Ada")}})).expect("it fits");
    assert!(notion.running.add_page(&source, &json!({"Weather": {}})).is_err());
    assert!(notion.running.edit_page(&row, &json!({"Posts": {"number": "x"}})).is_err());
    notion.running.edit_page(&row, &json!({"Posts": {"number": 5}})).expect("it fits");
    assert_eq!(notion.get(&format!("/pages/{row}")).await["properties"]["Posts"]["number"], 5);
    let block = notion.running.add_paragraph(&row, "a note").expect("a page");
    assert_eq!(id(&notion.get(&format!("/blocks/{block}")).await), block);
    notion.running.trash_page(&row, true).expect("a page");
    assert!(notion.query(&json!({})).await.is_empty());
    notion.running.trash_page(&row, false).expect("a page");
    assert_eq!(notion.query(&json!({})).await.len(), 1);
    assert_eq!(notion.running.pages(&source).len(), 1);
    assert!(notion.running.page("none").is_none() && notion.running.blocks("none").is_empty());
    assert!(notion.running.trash_page("00000000-0000-4000-8000-000000000001", true).is_err());
}
