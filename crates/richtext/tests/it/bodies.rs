//! Bodies, case by case: what is read, the HTML that comes of it, and what is told.

use richtext::{Body, BodyError, Kept, Left, Mention, from_html, from_tiptap, replace_mentions};
use serde_json::{Value, json};
use url::Url;

/// `what=kept_as` of what is left, with a number if it is more than one.
fn left(body: &Body) -> String {
    let one = |left: &Left| {
        let count = if left.count > 1 { format!(" {}", left.count) } else { String::new() };
        format!("{}={}{count}", left.what, left.kept_as.word())
    };
    body.left.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn of_nodes(nodes: &Value) -> Body {
    let text = json!({"body": {"type": "doc", "content": nodes}}).to_string();
    let body = from_tiptap(&text, None).expect("a document");
    assert_is_clean(&body.html);
    body
}

/// What is written is what a browser reads, and reading it again changes nothing.
fn assert_is_clean(html: &str) {
    let again = from_html(html, None);
    let mentions = html.contains("<span");
    assert!(mentions || again.html == html, "{html} became {}", again.html);
    for word in ["<script", "javascript:", "onerror", "onclick", "<iframe", "<style", "data:"] {
        assert!(!html.to_lowercase().contains(word), "{word} in {html}");
    }
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn marked(text: &str, marks: &Value) -> Value {
    json!({"type": "text", "text": text, "marks": marks})
}

fn p(nodes: &Value) -> Value {
    json!({"type": "paragraph", "content": nodes})
}

#[test]
fn every_kind_of_node_becomes_its_html() {
    let item = |word: &str| json!({"type": "listItem", "content": [p(&json!([text(word)]))]});
    let cell = |kind: &str, word: &str, attributes: Value| {
        let content = [p(&json!([text(word)]))];
        json!({"type": kind, "attrs": attributes, "content": content})
    };
    for (nodes, html, told) in [
        (json!([]), "", ""),
        (json!([p(&json!([text("Hi")]))]), "<p>Hi</p>", ""),
        (json!([{"type": "paragraph"}, p(&json!([text("a")]))]), "<p></p><p>a</p>", ""),
        (json!([p(&json!([text("a <b> & \"c\"")]))]), "<p>a &lt;b&gt; &amp; \"c\"</p>", ""),
        (json!([p(&json!([text("a"), {"type": "hardBreak"}, text("b")]))]), "<p>a<br>b</p>", ""),
        (json!([{"type": "heading", "attrs": {"level": 2}, "content": [text("T")]}]), "<h2>T</h2>", ""),
        (json!([{"type": "heading", "content": [text("T")]}]), "<h1>T</h1>", ""),
        (json!([{"type": "heading", "attrs": {"level": 9}, "content": [text("T")]}]), "<h6>T</h6>", ""),
        (
            json!([{"type": "bulletList", "content": [item("a"), item("b")]}]),
            "<ul><li><p>a</p></li><li><p>b</p></li></ul>",
            "",
        ),
        (
            json!([{"type": "bullet_list", "content": [{"type": "list_item", "content": [text("a")]}]}]),
            "<ul><li><p>a</p></li></ul>",
            "",
        ),
        (
            json!([{"type": "orderedList", "attrs": {"start": 3}, "content": [item("a")]}]),
            "<ol start=\"3\"><li><p>a</p></li></ol>",
            "",
        ),
        (
            json!([{"type": "orderedList", "attrs": {"start": 1}, "content": [item("a")]}]),
            "<ol><li><p>a</p></li></ol>",
            "",
        ),
        (
            json!([{"type": "bulletList", "content": [{"type": "listItem", "content": [p(&json!([text("a")])), {"type": "orderedList", "content": [item("b")]}]}]}]),
            "<ul><li><p>a</p><ol><li><p>b</p></li></ol></li></ul>",
            "",
        ),
        (
            json!([{"type": "taskList", "content": [
                {"type": "taskItem", "attrs": {"checked": true}, "content": [p(&json!([text("done")]))]},
                {"type": "taskItem", "attrs": {"checked": false}, "content": [p(&json!([text("open")])), p(&json!([text("more")]))]},
                {"type": "taskItem", "content": [{"type": "bulletList", "content": [item("x")]}]}]}]),
            "<ul><li><p>☑ done</p></li><li><p>☐ open</p><p>more</p></li><li><p>☐ </p><ul><li><p>x</p></li></ul></li></ul>",
            "",
        ),
        (
            json!([{"type": "blockquote", "content": [p(&json!([text("q")]))]}]),
            "<blockquote><p>q</p></blockquote>",
            "",
        ),
        (
            json!([{"type": "codeBlock", "attrs": {"language": "rust"}, "content": [text("\nlet a = 1 < 2;\n")]}]),
            "<pre><code class=\"language-rust\">\nlet a = 1 &lt; 2;\n</code></pre>",
            "",
        ),
        (
            json!([{"type": "codeBlock", "attrs": {"language": "a b"}, "content": [text("x")]}]),
            "<pre><code>x</code></pre>",
            "",
        ),
        (json!([{"type": "codeBlock", "attrs": {"language": null}}]), "<pre><code></code></pre>", ""),
        (json!([{"type": "horizontalRule"}, {"type": "horizontal_rule"}]), "<hr><hr>", ""),
        (
            json!([{"type": "table", "content": [
                {"type": "tableRow", "content": [cell("tableHeader", "h", json!({"colspan": 2, "rowspan": 1}))]},
                {"type": "tableRow", "content": [cell("tableCell", "a", json!({})), cell("tableCell", "b", json!({"colspan": 1}))]}]}]),
            "<table><tbody><tr><th colspan=\"2\"><p>h</p></th></tr><tr><td><p>a</p></td><td><p>b</p></td></tr></tbody></table>",
            "",
        ),
        (json!([text("bare"), text(" text"), p(&json!([text("x")]))]), "<p>bare text</p><p>x</p>", ""),
        (
            json!([{"type": "image", "attrs": {"src": "https://a.test/i.png", "alt": "A \"b\""}}]),
            "<p><img src=\"https://a.test/i.png\" alt=\"A &quot;b&quot;\"></p>",
            "",
        ),
        (
            json!([{"type": "image", "attrs": {"src": "data:image/png;base64,xx", "alt": "A"}}]),
            "<p>A</p>",
            "image=text",
        ),
        (json!([{"type": "image", "attrs": {"src": "javascript:alert(1)"}}]), "<p></p>", "image=nothing"),
        (json!([p(&json!([{"type": "emoji", "attrs": {"name": "smile", "emoji": "😄"}}]))]), "<p>😄</p>", ""),
        (json!([p(&json!([{"type": "emoji", "attrs": {"name": "smile"}}]))]), "<p>smile</p>", "emoji=text"),
        (
            json!([{"type": "embed", "attrs": {"url": "https://v.test/1", "title": "Film"}}]),
            "<p><a href=\"https://v.test/1\">Film</a></p>",
            "embed=link",
        ),
        (
            json!([{"type": "iframe", "attrs": {"src": "https://v.test/1"}}]),
            "<p><a href=\"https://v.test/1\">https://v.test/1</a></p>",
            "iframe=link",
        ),
        (
            json!([{"type": "embed", "attrs": {"url": "javascript:x", "title": "Film"}}]),
            "<p>Film</p>",
            "embed=text",
        ),
        (json!([{"type": "embed", "attrs": {}}]), "<p></p>", "embed=nothing"),
        (
            json!([{"type": "poll", "attrs": {"question": "Tea?", "options": ["yes", {"text": "no <"}]}}]),
            "<p><strong>Tea?</strong></p><ul><li>yes</li><li>no &lt;</li></ul>",
            "poll=list",
        ),
        (json!([{"type": "poll", "attrs": {"id": 7}}]), "", "poll=nothing"),
        (
            json!([{"type": "callout", "attrs": {"kind": "x"}, "content": [p(&json!([text("kept")]))]}]),
            "<p>kept</p>",
            "callout=text",
        ),
        (json!([p(&json!([{"type": "spoiler", "content": [text("kept")]}]))]), "<p>kept</p>", "spoiler=text"),
        (
            json!([p(&json!([{"type": "button", "attrs": {"label": "Press"}}]))]),
            "<p>Press</p>",
            "button=text",
        ),
        (json!([{"type": "spacer"}]), "<p></p>", "spacer=nothing"),
        (json!([{"type": 7}, null, "x", 3]), "<p></p>", "unnamed=nothing 4"),
        (
            json!([{"type": "groupMention", "attrs": {"label": "everyone"}}]),
            "<p>everyone</p>",
            "groupmention=text",
        ),
    ] {
        let body = of_nodes(&nodes);
        assert_eq!((body.html.as_str(), left(&body).as_str()), (html, told), "{nodes}");
    }
}

#[test]
fn every_mark_becomes_its_tag_and_a_bad_link_keeps_its_text() {
    let link = |href: &str| json!({"type": "link", "attrs": {"href": href, "target": "_blank", "rel": "x"}});
    for (marks, html, told) in [
        (json!([]), "x &amp; y", ""),
        (json!([{"type": "bold"}]), "<strong>x &amp; y</strong>", ""),
        (json!([{"type": "strong"}]), "<strong>x &amp; y</strong>", ""),
        (json!([{"type": "italic"}]), "<em>x &amp; y</em>", ""),
        (json!([{"type": "underline"}]), "<u>x &amp; y</u>", ""),
        (json!([{"type": "strike"}]), "<s>x &amp; y</s>", ""),
        (json!([{"type": "code"}]), "<code>x &amp; y</code>", ""),
        (json!([{"type": "superscript"}]), "<sup>x &amp; y</sup>", ""),
        (json!([{"type": "italic"}, {"type": "bold"}]), "<strong><em>x &amp; y</em></strong>", ""),
        (
            json!([{"type": "bold"}, link("https://a.test/?a=1&b=2")]),
            "<a href=\"https://a.test/?a=1&amp;b=2\"><strong>x &amp; y</strong></a>",
            "",
        ),
        (json!([link("mailto:a@x.test")]), "<a href=\"mailto:a@x.test\">x &amp; y</a>", ""),
        (json!([link("javascript:alert(1)"), {"type": "bold"}]), "<strong>x &amp; y</strong>", "link=text"),
        (json!([link("/c/space")]), "x &amp; y", "link=text"),
        (json!([{"type": "link"}]), "x &amp; y", "link=text"),
        (
            json!([{"type": "highlight", "attrs": {"color": "red\" onclick=\"x"}}]),
            "x &amp; y",
            "highlight=text",
        ),
        (json!([{"type": "textStyle"}, {"type": "bold"}]), "<strong>x &amp; y</strong>", "textstyle=text"),
        (json!(["bold", 7, null]), "x &amp; y", ""),
    ] {
        let body = of_nodes(&json!([p(&json!([marked("x & y", &marks)]))]));
        assert_eq!((body.html.clone(), left(&body).as_str()), (format!("<p>{html}</p>"), told), "{marks}");
    }
}

/// A body with everything that refers to something else.
fn with_refs(nodes: &Value, map: &Value, attachments: &Value) -> Body {
    let text = json!({"body": {"type": "doc", "content": nodes}, "sgids_to_object_map": map, "attachments": attachments});
    from_tiptap(&text.to_string(), None).expect("a document")
}

#[test]
fn a_mention_carries_who_it_is() {
    let mention = |attributes: &Value| {
        json!([p(&json!([text("Hi "), {"type": "mention", "attrs": attributes}, text("!")]))])
    };
    let map = json!({
        "s1": {"type": "CommunityMember", "id": 5001, "name": "Ada <Byron>"},
        "s2": {"type": "User", "id": 7001, "community_member_id": 5001, "name": "Ada"},
        "s3": {"type": "Space", "id": 40, "name": "Garden"},
        "s4": {"id": "\"><img onerror=x>", "name": "Eve"},
    });
    for (attributes, html, told) in [
        (json!({"sgid": "s1"}), "<p>Hi <span data-circle-member=\"5001\">@Ada &lt;Byron&gt;</span>!</p>", ""),
        (
            json!({"sgid": "s2"}),
            "<p>Hi <span data-circle-member=\"5001\" data-circle-user=\"7001\">@Ada</span>!</p>",
            "",
        ),
        (
            json!({"community_member_id": 5, "label": "@Bo"}),
            "<p>Hi <span data-circle-member=\"5\">@Bo</span>!</p>",
            "",
        ),
        (json!({"sgid": "gone", "label": "Cy"}), "<p>Hi @Cy!</p>", "mention=text"),
        (json!({"sgid": "gone", "label": "@Cy", "id": 9}), "<p>Hi @Cy!</p>", "mention=text"),
        (json!({"sgid": "gone"}), "<p>Hi !</p>", "mention=nothing"),
        (json!({"sgid": "s3", "label": "Garden"}), "<p>Hi @Garden!</p>", "mention=text"),
        (json!({"sgid": "s4", "label": "Eve"}), "<p>Hi @Eve!</p>", "mention=text"),
    ] {
        let body = with_refs(&mention(&attributes), &map, &json!([]));
        assert_eq!((body.html.as_str(), left(&body).as_str()), (html, told), "{attributes}");
        assert_eq!(body.mentions.is_empty(), !told.is_empty(), "{attributes}");
    }
    let body = with_refs(&mention(&json!({"sgid": "s2"})), &map, &json!([]));
    let ada = Mention { member_id: Some("5001".into()), user_id: Some("7001".into()), name: "Ada".into() };
    assert_eq!(body.mentions, [ada]);
    let there =
        replace_mentions(&body.html, |m| Some(format!("<b>{}</b>", m.member_id.clone().unwrap_or_default())));
    assert_eq!(there, "<p>Hi <b>5001</b>!</p>");
    assert_eq!(replace_mentions(&body.html, |_| None), "<p>Hi @Ada!</p>");
}

#[test]
fn attachments_are_shown_where_they_stand_or_behind_the_text() {
    let image =
        json!({"sgid": "i", "url": "https://a.test/i.png", "filename": "i.png", "content_type": "image/png"});
    let file = json!({"signed_id": "f", "url": "https://a.test/f.pdf", "filename": "f & g.pdf", "content_type": "application/pdf"});
    let shown_file = "<a href=\"https://a.test/f.pdf\">f &amp; g.pdf</a>";
    let shown_image = "<img src=\"https://a.test/i.png\" alt=\"i.png\">";
    let node = |kind: &str, attributes: Value| json!([{"type": kind, "attrs": attributes}]);
    for (nodes, attachments, html, files, told) in [
        (
            json!([p(&json!([text("a")]))]),
            json!([image, file]),
            format!("<p>a</p><p>{shown_image}</p><p>{shown_file}</p>"),
            2,
            "",
        ),
        (
            node("file", json!({"signed_id": "f"})),
            json!([image, file]),
            format!("<p>{shown_file}</p><p>{shown_image}</p>"),
            2,
            "",
        ),
        (
            node("image", json!({"sgid": "i"})),
            json!([image]),
            "<p><img src=\"https://a.test/i.png\"></p>".into(),
            1,
            "",
        ),
        (node("attachment", json!({"sgid": "i"})), json!([image]), format!("<p>{shown_image}</p>"), 1, ""),
        (
            node("file", json!({"url": "https://a.test/f.pdf", "signed_id": "f"})),
            json!([file]),
            format!("<p>{shown_file}</p>"),
            1,
            "",
        ),
        (
            node("file", json!({"sgid": "gone", "name": "x.pdf"})),
            json!([]),
            "<p>x.pdf</p>".into(),
            0,
            "file=text",
        ),
        (json!([]), json!([{"url": "ftp://a.test/x", "name": "x"}]), "<p>x</p>".into(), 0, "attachment=text"),
        (json!([]), json!([{"id": 1}, null]), String::new(), 0, ""),
        (json!([]), json!({"a": 1}), String::new(), 0, ""),
    ] {
        let body = with_refs(&nodes, &json!({}), &attachments);
        assert_eq!((&body.html, left(&body).as_str()), (&html, told), "{nodes} {attachments}");
        assert_eq!(body.files.len(), files, "{nodes} {attachments}");
    }
    let embed = with_refs(
        &node("embed", json!({"sgid": "e"})),
        &json!({"e": {"type": "Embed", "url": "https://v.test/1", "title": "Film"}}),
        &json!([]),
    );
    assert_eq!(embed.html, "<p><a href=\"https://v.test/1\">Film</a></p>");
    let poll = with_refs(
        &node("poll", json!({"sgid": "p"})),
        &json!({"p": {"title": "Tea?", "poll_options": [{"value": "yes"}]}}),
        &json!([]),
    );
    assert_eq!(poll.html, "<p><strong>Tea?</strong></p><ul><li>yes</li></ul>");
}

#[test]
fn html_of_every_kind_becomes_html_of_the_list() {
    for (html, expected, told) in [
        ("", "", ""),
        ("<div><p>Hi</p></div>", "<p>Hi</p>", ""),
        ("<div>one<br>two</div><div>three</div>", "<p>one<br>two</p><p>three</p>", ""),
        ("<div>a<div>b</div></div>", "a<p>b</p>", ""),
        ("plain & <b>bold</b>", "plain &amp; <strong>bold</strong>", ""),
        ("<i>a</i><del>b</del><ins>c</ins><kbd>d</kbd>", "<em>a</em><s>b</s><u>c</u><code>d</code>", ""),
        ("<span style=\"color:red\"><font>a</font></span>", "a", ""),
        ("<p onclick=\"x\" class=\"y\" style=\"z\">a</p>", "<p>a</p>", ""),
        ("<script>alert(1)</script><p>a</p>", "<p>a</p>", "script=nothing"),
        ("<style>p{}</style><p>a</p><!-- c -->", "<p>a</p>", ""),
        ("<p>a<noscript><p>b</p></noscript></p>", "<p>a</p>", "noscript=nothing"),
        ("<svg><script>x</script><a href=\"y\">z</a></svg>a", "a", "svg=nothing"),
        ("<math><mtext><img src=x onerror=y></mtext></math>a", "a", "math=nothing"),
        ("<template><p>x</p></template>a", "a", ""),
        ("<textarea><script>x</script></textarea>a", "a", "textarea=nothing"),
        (
            "<a href=\"https://a.test\" target=\"_blank\" onclick=\"x\">a</a>",
            "<a href=\"https://a.test/\">a</a>",
            "",
        ),
        ("<a href=\"javascript:x\">a</a>", "a", "link=text"),
        ("<a href=\" jAvAsCrIpT&#58;x\">a</a>", "a", "link=text"),
        ("<a href=\"/c/x\">a</a>", "a", "link=text"),
        ("<a name=\"x\">a</a>", "a", ""),
        (
            "<img src=\"https://a.test/i.png\" alt=\"A\" onerror=\"x\" width=\"9\">",
            "<img src=\"https://a.test/i.png\" alt=\"A\">",
            "",
        ),
        ("<img src=\"x\" alt=\"A\">", "A", "image=text"),
        ("<img src=\"data:image/png,x\">", "", "image=nothing"),
        (
            "<iframe src=\"https://v.test/1\" title=\"Film\">x</iframe>",
            "<a href=\"https://v.test/1\">Film</a>",
            "iframe=link",
        ),
        ("<iframe srcdoc=\"<script>x</script>\"></iframe>", "", "iframe=nothing"),
        (
            "<video><source src=\"https://v.test/1\">old</video>",
            "<a href=\"https://v.test/1\">https://v.test/1</a>",
            "video=link",
        ),
        ("<object data=\"x\"><p>a</p></object>b", "b", "object=nothing"),
        (
            "<form action=\"x\"><input value=\"y\"><button>Go</button></form>",
            "Go",
            "button=text form=text input=nothing",
        ),
        ("<marquee>a</marquee>", "a", "marquee=text"),
        (
            "<action-text-attachment sgid=\"s\">@Ada</action-text-attachment>",
            "@Ada",
            "action-text-attachment=text",
        ),
        ("<span data-circle-member=\"5001\">@Ada</span>", "@Ada", ""),
        (
            "<h1>a</h1><h6>b</h6><hr><pre><code class=\"language-js\">x</code></pre>",
            "<h1>a</h1><h6>b</h6><hr><pre><code class=\"language-js\">x</code></pre>",
            "",
        ),
        ("<pre><code class=\"x\">a\n  b</code></pre>", "<pre><code>a\n  b</code></pre>", ""),
        (
            "<ol start=\"3\"><li>a<ul><li>b</li></ul></li></ol>",
            "<ol start=\"3\"><li>a<ul><li>b</li></ul></li></ol>",
            "",
        ),
        (
            "<table><tr><td colspan=\"2\">a</td></tr></table>",
            "<table><tbody><tr><td colspan=\"2\">a</td></tr></tbody></table>",
            "",
        ),
        (
            "<figure><img src=\"https://a.test/i\"><figcaption>A</figcaption></figure>",
            "<img src=\"https://a.test/i\"><p>A</p>",
            "",
        ),
        ("<p>un<b>closed", "<p>un<strong>closed</strong></p>", ""),
        ("<p>a\u{a0}b &lt;c&gt;</p>", "<p>a&nbsp;b &lt;c&gt;</p>", ""),
        ("<html><head><title>t</title></head><body><p>a</p></body></html>", "<p>a</p>", ""),
        ("<p title=\"</p><script>x</script>\">a</p>", "<p>a</p>", ""),
        (
            "<noembed><style></noembed><img src=x onerror=y></style></noembed>",
            "",
            "image=nothing noembed=nothing",
        ),
        ("<details><summary>S</summary>text</details>", "<p>S</p>text", ""),
        ("<blockquote>q</blockquote>", "<blockquote>q</blockquote>", ""),
    ] {
        let body = from_html(html, None);
        assert_eq!((body.html.as_str(), left(&body).as_str()), (expected, told), "{html}");
        assert_is_clean(&body.html);
    }
}

#[test]
fn addresses_without_a_host_are_below_the_community() {
    let base = Url::parse("https://demo.circle.so").expect("an address");
    let body = from_html("<a href=\"/c/x\">a</a><img src=\"/rails/i.png\">", Some(&base));
    assert_eq!(
        body.html,
        "<a href=\"https://demo.circle.so/c/x\">a</a><img src=\"https://demo.circle.so/rails/i.png\">"
    );
    assert_eq!(
        body.files.iter().map(|file| file.url.as_str()).collect::<Vec<_>>(),
        ["https://demo.circle.so/rails/i.png"]
    );
    let again = from_html("<img src=\"https://a.test/i\"><img src=\"https://a.test/i\">", None);
    assert_eq!(again.files.len(), 1, "each address once");
}

#[test]
fn the_better_form_of_a_body_is_taken() {
    let tiptap = json!({"body": {"type": "doc", "content": [p(&json!([text("T")]))]}}).to_string();
    let bare = json!({"type": "doc", "content": [p(&json!([text("T")]))]}).to_string();
    let empty = json!({"body": {"type": "doc", "content": []}}).to_string();
    let html = "<div>H</div>";
    for (tiptap, html, expected, told) in [
        (Some(tiptap.as_str()), Some(html), "<p>T</p>", ""),
        (Some(&bare), Some(html), "<p>T</p>", ""),
        (Some(&empty), Some(html), "<p>H</p>", ""),
        (Some("null"), Some(html), "<p>H</p>", ""),
        (Some("{}"), Some(html), "<p>H</p>", ""),
        (Some(" "), Some(html), "<p>H</p>", ""),
        (Some("{"), Some(html), "<p>H</p>", "tiptap_body=text"),
        (Some("{"), None, "", "tiptap_body=nothing"),
        (None, Some(html), "<p>H</p>", ""),
        (None, None, "", ""),
    ] {
        let body = richtext::of(tiptap, html, None);
        assert_eq!((body.html.as_str(), left(&body).as_str()), (expected, told), "{tiptap:?}");
    }
    for (text, error) in [
        ("{", BodyError::NotJson),
        ("[]", BodyError::NoDocument),
        ("{\"body\":{}}", BodyError::NoDocument),
        ("null", BodyError::NoDocument),
    ] {
        assert_eq!(from_tiptap(text, None), Err(error), "{text}");
    }
}

#[test]
fn no_depth_of_nesting_breaks_a_body_or_loses_its_text() {
    let mut node = p(&json!([text("deep")]));
    for _ in 0..50 {
        node = json!({"type": "blockquote", "content": [node]});
    }
    assert!(of_nodes(&json!([node])).html.contains("deep"));
    let deep = format!("{}deep{}", "<blockquote>".repeat(20_000), "</blockquote>".repeat(20_000));
    let html = from_html(&deep, None).html;
    assert!(html.contains("deep") && html.matches("<blockquote>").count() <= 64);
    let too_deep = format!("{}1{}", "{\"content\":[".repeat(200), "]}".repeat(200));
    assert_eq!(from_tiptap(&too_deep, None), Err(BodyError::NotJson));
}

#[test]
fn words_of_what_is_kept_are_those_of_the_files() {
    for (kept, word) in
        [(Kept::Nothing, "nothing"), (Kept::Text, "text"), (Kept::Link, "link"), (Kept::List, "list")]
    {
        assert_eq!(kept.word(), word);
    }
}
