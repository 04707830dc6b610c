//! The words that records are made of. All people are invented.

use crate::rng::Rng;

/// Someone to write about.
pub(crate) struct Person {
    pub first: &'static str,
    pub last: &'static str,
    /// Both names in Latin letters, for addresses.
    pub handle: String,
    pub domain: &'static str,
}

impl Person {
    /// The person behind user number `i`: the same in the user and in the profile.
    pub fn of(seed: u64, i: u32) -> Self {
        Self::new(&mut Rng::new(seed ^ u64::from(i).rotate_left(32), "person"))
    }

    pub fn new(rng: &mut Rng) -> Self {
        let (first, first_latin) = FIRST[rng.index(FIRST.len())];
        let (last, last_latin) = LAST[rng.index(LAST.len())];
        Self { first, last, handle: format!("{first_latin}.{last_latin}"), domain: rng.pick(DOMAINS) }
    }
}

const FIRST: &[(&str, &str)] = &[
    ("Ada", "ada"),
    ("Amara", "amara"),
    ("Anaïs", "anais"),
    ("Ángel", "angel"),
    ("Anh", "anh"),
    ("Aoife", "aoife"),
    ("Åsa", "asa"),
    ("Ayşe", "ayse"),
    ("Björk", "bjork"),
    ("Chidi", "chidi"),
    ("Đức", "duc"),
    ("Děvana", "devana"),
    ("Élodie", "elodie"),
    ("Fatoumata", "fatoumata"),
    ("François", "francois"),
    ("Gökçe", "gokce"),
    ("Hélène", "helene"),
    ("Ingrid", "ingrid"),
    ("İsmail", "ismail"),
    ("João", "joao"),
    ("Jürgen", "jurgen"),
    ("Kalani", "kalani"),
    ("Leilani", "leilani"),
    ("Łukasz", "lukasz"),
    ("Mārtiņš", "martins"),
    ("Ngọc", "ngoc"),
    ("Niamh", "niamh"),
    ("Ọlábísí", "olabisi"),
    ("Øyvind", "oyvind"),
    ("Priya", "priya"),
    ("Rūta", "ruta"),
    ("Șerban", "serban"),
    ("Sinéad", "sinead"),
    ("Siobhán", "siobhan"),
    ("Tomás", "tomas"),
    ("Yusuf", "yusuf"),
    ("Zoë", "zoe"),
    ("Αθηνά", "athina"),
    ("Γιώργος", "giorgos"),
    ("Анна", "anna"),
    ("Дмитро", "dmytro"),
    ("Светлана", "svetlana"),
    ("გიორგი", "giorgi"),
    ("Արամ", "aram"),
    ("נועה", "noa"),
    ("أمينة", "amina"),
    ("يوسف", "yousef"),
    ("شیرین", "shirin"),
    ("अनिता", "anita"),
    ("रोहन", "rohan"),
    ("சுமதி", "sumathi"),
    ("สมชาย", "somchai"),
    ("小明", "xiaoming"),
    ("美玲", "meiling"),
    ("さくら", "sakura"),
    ("健太", "kenta"),
    ("지우", "jiwoo"),
    ("민준", "minjun"),
];

const LAST: &[(&str, &str)] = &[
    ("Okafor", "okafor"),
    ("Müller", "mueller"),
    ("Nuñez", "nunez"),
    ("O'Neill", "oneill"),
    ("Ó Briain", "obriain"),
    ("de la Cruz", "delacruz"),
    ("van der Merwe", "vandermerwe"),
    ("Guðmundsdóttir", "gudmundsdottir"),
    ("Kowalczyk", "kowalczyk"),
    ("Šimůnek", "simunek"),
    ("Nagy", "nagy"),
    ("Yılmaz", "yilmaz"),
    ("Trần", "tran"),
    ("Nguyễn", "nguyen"),
    ("Dvořák", "dvorak"),
    ("Adébáyọ̀", "adebayo"),
    ("Diallo", "diallo"),
    ("Haile", "haile"),
    ("Kahananui", "kahananui"),
    ("Saint-Exil", "saintexil"),
    ("Lindqvist", "lindqvist"),
    ("Ødegård", "odegard"),
    ("Fernández", "fernandez"),
    ("Gonçalves", "goncalves"),
    ("D'Angelo", "dangelo"),
    ("Bērziņa", "berzina"),
    ("Παπαδόπουλος", "papadopoulos"),
    ("Коваленко", "kovalenko"),
    ("Смирнова", "smirnova"),
    ("ბერიძე", "beridze"),
    ("Պետրոսյան", "petrosyan"),
    ("כהן", "cohen"),
    ("الحسيني", "alhusseini"),
    ("رضایی", "rezaei"),
    ("शर्मा", "sharma"),
    ("রহমান", "rahman"),
    ("ราชวงศ์", "ratchawong"),
    ("王", "wang"),
    ("陳", "chen"),
    ("田中", "tanaka"),
    ("鈴木", "suzuki"),
    ("김", "kim"),
    ("박", "park"),
];

const DOMAINS: &[&str] =
    &["mail.example", "post.example", "correo.example", "letters.example", "inbox.example"];

pub(super) const TIME_ZONES: &[&str] = &[
    "Africa/Lagos",
    "America/Argentina/Buenos_Aires",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Pacific/Auckland",
    "Pacific/Honolulu",
    "UTC",
];

pub(super) const GOALS: &[&str] =
    &["relocation", "leading a mixed team", "family abroad", "negotiation", "studies"];

pub(super) const QUIZ_NOTES: &[&str] = &[
    "",
    "I move in March, \"at last\".",
    "Wir ziehen im Frühjahr nach Ōsaka; die Kinder sprechen noch kein Japanisch.",
    "Mi equipo está en cuatro países.",
    "上海から帰国したばかりです。",
    "Prefer evenings, please 🙏",
    "هل يمكن أن نبدأ بالعربية؟",
    "First time abroad, a little nervous.",
];

pub(super) const BIOGRAPHIES: &[&str] = &[
    "I grew up between Lagos and Lyon, and have coached families who move for fifteen years.",
    "Seit 2009 begleite ich Führungskräfte, die zum ersten Mal ein Team außerhalb Europas übernehmen.",
    "Mi trabajo: que una reunión entre Bogotá y Seúl termine con el mismo acuerdo para todos.",
    "Avant de devenir coach, j'étais ingénieure sur trois continents ; j'en \
     garde le goût des choses précises.",
    "私は東京とサンパウロで育ち、両方の「当たり前」を知っています。",
    "«Культурный шок» — это не диагноз, а начало разговора.",
    "My clients say: \"You asked the question nobody at work dared to ask.\"",
    "أساعد العائلات على أن تشعر بأنها في بيتها، أينما كان هذا البيت.",
    "Certified in three methods; I use whichever helps, and none when listening is enough.",
    "मैं पंद्रह वर्षों से भारत और जर्मनी के बीच काम करने वाली टीमों के साथ हूँ।",
    "Sessions start on time, end on time & leave you with one thing to try (not ten).",
    "저는 서울에서 태어나 헬싱키에서 일합니다.",
    "I once missed a wedding because of a time zone; since then I write every date twice.",
];

pub(super) const EXPERTISE: &[&str] = &[
    "Relocation",
    "Leadership across cultures",
    "Returning home",
    "Family and schools",
    "Negotiation",
    "Remote teams",
    "Language and accent",
    "Diversity & inclusion",
];

pub(super) const LANGUAGES: &[&str] = &[
    "English",
    "Deutsch",
    "Español",
    "Français",
    "Português",
    "日本語",
    "한국어",
    "中文",
    "العربية",
    "हिन्दी",
    "Türkçe",
    "Yorùbá",
    "Русский",
    "Íslenska",
];

pub(super) const COUNTRIES: &[&str] = &[
    "Argentina",
    "Brazil",
    "Côte d'Ivoire",
    "Denmark",
    "Germany",
    "India",
    "Japan",
    "Kenya",
    "Mexico",
    "New Zealand",
    "Nigeria",
    "South Korea",
    "Spain",
    "Türkiye",
    "United States",
    "Viet Nam",
];

/// Cities with latitude and longitude.
pub(crate) const CITIES: &[(&str, f64, f64)] = &[
    ("Lisbon", 38.72, -9.14),
    ("Leith", 55.97, -3.17),
    ("Lagos", 6.45, 3.39),
    ("Berlin", 52.52, 13.4),
    ("Osaka", 34.69, 135.5),
    ("São Paulo", -23.55, -46.63),
    ("Wellington", -41.29, 174.78),
];

pub(super) const NOTES: &[&str] = &[
    "Please call, do not write.",
    "Wants to prepare a talk, \"Why we leave\", for a mixed audience.",
    "Zweiter Termin; Unterlagen kommen per Post, bitte prüfen.",
    "Moved twice already. Prefers mornings, Tōkyō time.",
    "Ist erkältet, evtl. verschieben 🤧",
    "Quiere hablar de su equipo en Medellín, y del contrato.",
    "Line one\r\nline two",
    "  leading blanks kept",
    "名刺交換の練習をしたい。",
    "Asks for a receipt, VAT included",
    "Bring the quiz; talk about section 3",
    "Первый разговор, осторожно с темой семьи.",
];

pub(super) const SECRET_NOTES: &[&str] = &[
    "ask the agency for the calendar key",
    "rotate the mailing key in May",
    "partner feed, see the paper folder",
];
