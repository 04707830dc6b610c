//! The words that a community is made of. All people are invented.

pub(super) const HEADLINES: &[&str] = &[
    "Breathwork facilitator, slow walker",
    "Ich begleite Gruppen durch Stille.",
    "Madre, terapeuta, aprendiz",
    "声と呼吸の先生",
    "Musician & gardener 🌿",
    "Почти пенсионер, почти йог",
    "Here to listen",
];

pub(super) const SITES: &[&str] = &["breath", "quiet-hours", "the-long-walk", "xn--bcher-kva"];

pub(super) const TITLES: &[&str] = &[
    "Welcome, and how we speak with each other",
    "What changed for me in forty days",
    "Wer kommt am Samstag zum Atemkreis?",
    "Una pregunta sobre el silencio",
    "Notes from the retreat ☀️",
    "朝の練習について",
    "Is it normal to cry?",
    "Quelqu'un près de Lyon ?",
    "Offer: two places left",
    "Playlist for slow mornings 🎶",
    "A small complaint about the bell",
    "شكرا لكم جميعا",
    "Week 3: the body remembers",
];

pub(super) const MARKUP_TITLES: &[&str] = &[
    "<b>Bold</b> is not bold here",
    "Tom &amp; Jerry, or Tom & Jerry?",
    "{{first_name}}, read this <script>alert(1)</script>",
];

pub(super) const SENTENCES: &[&str] = &[
    "I sat for ten minutes and it felt like an hour.",
    "Thank you for holding the space last night.",
    "Gestern habe ich zum ersten Mal die ganze Stunde geschafft.",
    "¿Alguien tiene una traducción del texto de la semana pasada?",
    "The audio stops at 12:40 for me; is that on purpose?",
    "呼吸が浅くなるときは、どうしていますか。",
    "My teacher used to say: \"do less, and then less than that\".",
    "Je préfère pratiquer le soir, quand la maison dort.",
    "We are five so far, & there is room for two more.",
    "It costs nothing, you only need a blanket <3",
    "Сегодня было тихо и светло.",
    "Bring water, a notebook, and whatever you sat on last time.",
    "أحب هذا المكان.",
    "Does the 100% rule apply on travel days, too?",
];

pub(super) const REPLIES: &[&str] = &[
    "Same here.",
    "So much love for this ❤️",
    "Danke, das hilft mir sehr!",
    "I would like to come, is there a lift?",
    "+1",
    "Could you share the link again?",
    "Yo también.",
    "ありがとうございます。",
    "Not sure I agree, but thank you for writing it down.",
    "See you on Saturday 🙏🏽",
];

/// What breaks programs that count or cut characters carelessly.
pub(super) const ODD_TEXTS: &[&str] = &[
    "👩🏽‍❤️‍💋‍👨🏻 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇺🇳",
    "e\u{301} is not é, and A\u{30a} is not Å",
    "right to left: \u{202B}שלום עולם\u{202C} and back",
    "line\u{2028}separator and paragraph\u{2029}separator",
    "zero\u{200B}width, soft\u{AD}hyphen, no\u{A0}break",
    "ﷺ \u{202E}mirrored\u{202C} 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 Ⅷ ½ ﬁ",
    "\u{1F468}\u{FE0F} z̸͓͠ā̶l̵g̷o̵",
    "tab\tand back\\slash and \"quotes\" and 'these'",
];

/// Names as grown communities have them.
pub(super) const ODD_NAMES: &[(&str, &str)] = &[
    ("🌸 Lotus 🌸", "👩‍🎤"),
    ("  Maya", "Rivera  "),
    ("Zoe\u{301}", "O'Brien-D’Arcy"),
    ("\u{202E}evoL", "שלום"),
    ("<b>Ada</b>", "& Sons"),
    ("Null", "NULL"),
    ("X Æ A-12", "\u{200B}"),
    ("김\u{1112}\u{1161}\u{11AB}", "名\u{3000}前"),
];

type PollWords = (&'static str, &'static [&'static str]);

pub(super) const POLLS: &[PollWords] = &[
    ("When shall we meet?", &["Mornings", "Evenings", "I come anyway"]),
    ("Kamera an oder aus?", &["An", "Aus"]),
];

pub(super) const CODE: &str = "inhale  4\nhold    7\nexhale  8  # <- slowly\n";

pub(super) const CUSTOM_HTML: &str =
    "<style>.bell{color:#f80}</style><div class=\"bell\" onclick=\"ring()\">Ring <em>the</em> bell</div>";

pub(super) const EVENT_NAMES: &[&str] = &[
    "Saturday breath circle",
    "Stille am Abend",
    "Retreat in the hills",
    "Ask a facilitator",
    "Full moon walk 🌕",
    "Círculo de escritura",
];

pub(super) const PLACES: &[(&str, &str)] = &[
    ("The old school", "3 Mill Lane, Leith"),
    ("Casa do Silêncio", "Rua da Paz 12, Lisboa"),
    ("静かな家", "大阪市北区 1-2-3"),
];

pub(super) const SECTIONS: &[&str] = &["Arriving", "The practice", "Going on"];

pub(super) const LESSONS: &[&str] =
    &["Before you begin", "Four rounds", "What may come up", "Questions & Antworten"];
