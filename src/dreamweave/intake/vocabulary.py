"""The words by which people name columns, kinds and feelings, in several languages.

Only translations, no synonyms: reading "happy" as joy would be choosing a
feeling for somebody. What is not in here is left as it was found, and said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from dreamweave.intake.rows import word_set
from dreamweave.model.reports import Feeling, Kind


@lru_cache(maxsize=10_000)
def plain_word(text: str) -> str:
    """A heading or value for comparing: no case, no accents, no signs, single spaces."""
    apart = unicodedata.normalize("NFKD", text.strip().casefold())
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    # Recomposed, so that scripts which decompose (Hangul, kana marks) stay whole words.
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", bare)).split())


def _index(table: Mapping[str, str]) -> dict[str, str]:
    return {
        plain_word(word): meaning
        for meaning, words in table.items()
        for word in words.split(";")
        if plain_word(word)
    }


# Columns. The order of `FIELDS` is the order in which columns are claimed.
FIELDS = (
    "text",
    "teller",
    "who",
    "id",
    "feeling",
    "intensity",
    "lang",
    "kind",
    "answers",
    "drawing",
    "seat",
)

_COLUMNS = {
    "text": (
        "text;dream;report;dream report;dream text;content;message;words;telling;body;dreams;"
        "traum;bericht;traumbericht;inhalt;nachricht;erzählung;"
        "rêve;récit;texte;contenu;rapport;récit de rêve;"
        "sueño;relato;texto;contenido;mensaje;informe;"
        "sonho;conteúdo;mensagem;sogno;racconto;testo;contenuto;messaggio;"
        "droom;verslag;tekst;inhoud;bericht tekst;dröm;berättelse;drøm;fortælling;uni;teksti;"
        "sen;opis snu;tekst snu;treść;rüya;metin;rapor;"
        "сон;сновидение;текст;сообщение;рассказ;όνειρο;κείμενο;"
        "حلم;نص;الحلم;النص;חלום;טקסט;رویا;متن;सपना;स्वप्न;"
        "夢;夢の内容;本文;内容;梦;梦境;文本;꿈;내용;텍스트;ความฝัน;giấc mơ;mimpi"
    ),
    "teller": (
        "teller;name;dreamer;author;participant;person;speaker;user;username;user name;nickname;"
        "full name;first name;display name;sender;from;who;told by;participant name;alias;pseudonym;"
        "participant id;subject;subject id;dreamer id;user id;respondent;respondent id;"
        "email;email address;e mail;"
        "träumer;träumerin;autor;autorin;teilnehmer;teilnehmerin;teilnehmende;sprecher;sprecherin;wer;"
        "nom;prénom;rêveur;rêveuse;auteur;auteure;participante;qui;pseudo;"
        "nombre;soñador;soñadora;autora;quién;persona;"
        "nome;sonhador;sonhadora;quem;sognatore;sognatrice;autore;autrice;partecipante;chi;"
        "naam;dromer;deelnemer;spreker;namn;drömmare;deltagare;navn;deltager;nimi;"
        "imię;imie i nazwisko;autorka;uczestnik;ad;isim;katılımcı;"
        "имя;автор;участник;сновидец;όνομα;"
        "اسم;الاسم;שם;نام;नाम;"
        "名前;氏名;投稿者;参加者;姓名;名字;作者;参与者;이름;작성자;참가자;ชื่อ;tên;nama"
    ),
    "who": "authorid;author id;from id;sender id;user key",
    "id": "id;report id;dream id;row id;nr;no;number;#;key;uuid;message id;messageid;nummer;numéro;número;numero",
    "feeling": (
        "feeling;emotion;mood;feelings;gefühl;emotion;stimmung;sentiment;émotion;"
        "sentimiento;emoción;sentimento;emoção;emozione;gevoel;emotie;känsla;følelse;tunne;uczucie;"
        "duygu;чувство;эмоция;συναίσθημα;شعور;רגש;احساس;भाव;感情;気持ち;情绪;情感;감정"
    ),
    "intensity": (
        "intensity;strength;how strong;intensität;stärke;wie stark;intensité;force;"
        "intensidad;intensidade;intensità;intensiteit;intensitet;voimakkuus;intensywność;yoğunluk;"
        "сила;интенсивность;ένταση;شدة;עוצמה;شدت;強さ;强度;강도"
    ),
    "lang": (
        "lang;language;locale;sprache;langue;idioma;lengua;língua;lingua;taal;språk;sprog;kieli;"
        "język;dil;язык;γλώσσα;لغة;שפה;زبان;भाषा;言語;语言;語言;언어"
    ),
    "kind": (
        "kind;type;report type;dream type;art;typ;genre;sorte;tipo;clase;soort;slag;laji;rodzaj;tür;"
        "вид;тип;είδος;نوع;סוג;種類;类型;類型;종류"
    ),
    "answers": (
        "answers;answer to;answers to;reply to;in reply to;replies to;in answer to;responds to;"
        "association to;antwort auf;zu;réponse à;en réponse à;respuesta a;responde a;em resposta a;"
        "risposta a;antwoord op;svar på;odpowiedź na;ответ на;返信先;回复"
    ),
    "drawing": "drawing;sketch;zeichnung;dessin;dibujo;desenho;disegno;tekening;teckning;tegning;rysunek;çizim;рисунок;رسم;ציור;絵;画;그림",
    "seat": "seat;seat state;sitz;siège;asiento;assento;zetel;koltuk;מושב;مقعد;座席;座位;좌석",
}
COLUMN_WORDS = _index(_COLUMNS)

# Words that make a longer heading ("What did you dream last night?") a heading for the words.
TEXT_HINTS = frozenset(
    plain_word(w)
    for w in word_set(
        "dream dreams dreamt dreamed report traum träume geträumt rêve rêves rêvé sueño sueños "
        "soñaste soñado soñó sonho sonhos sonhou sogno sogni sognato droom dromen gedroomd dröm "
        "drömde drøm drømte sen śniło rüya сон сны приснилось"
    )
)

_KINDS = {
    "dream": (
        "dream;traum;rêve;reve;sueño;sonho;sogno;droom;dröm;drøm;uni;sen;rüya;сон;όνειρο;"
        "حلم;חלום;رویا;सपना;夢;梦;꿈;lucid dream;nightmare;albtraum;cauchemar;pesadilla;pesadelo;incubo"
    ),
    "white": (
        "white;white dream;dream gone;weißer traum;weiss;rêve blanc;blanc;sueño blanco;blanco;"
        "sonho branco;branco;sogno bianco;bianco;witte droom;wit;vit dröm;hvid drøm;biały sen;"
        "белый сон;白い夢;白夢;白梦;하얀 꿈"
    ),
    "none": (
        "none;no dream;no recall;nothing;dreamless;kein traum;keiner;keine;nichts;traumlos;"
        "aucun;pas de rêve;rien;ninguno;sin sueño;nada;nenhum;sem sonho;nessuno;nessun sogno;niente;"
        "geen;geen droom;niets;ingen;ingen dröm;ingen drøm;brak;brak snu;yok;нет;нет сна;ничего;"
        "لا شيء;אין;なし;夢なし;无;無;없음"
    ),
    "story": (
        "story;waking story;geschichte;erzählung;histoire;conte;historia;cuento;história;conto;storia;"
        "racconto;verhaal;berättelse;historie;tarina;opowieść;öykü;hikaye;история;рассказ;ιστορία;"
        "قصة;סיפור;داستان;कहानी;物語;話;故事;이야기"
    ),
    "memory": (
        "memory;erinnerung;souvenir;mémoire;recuerdo;memoria;memória;lembrança;ricordo;herinnering;"
        "minne;minde;muisto;wspomnienie;anı;воспоминание;память;ανάμνηση;ذكرى;זיכרון;خاطره;याद;"
        "記憶;思い出;记忆;回忆;기억"
    ),
}
KIND_WORDS: dict[str, Kind] = _index(_KINDS)  # type: ignore[assignment]

_FEELINGS = {
    "joy": "joy;freude;joie;alegría;alegria;gioia;vreugde;glädje;glæde;glede;ilo;radość;sevinç;радость;χαρά;فرح;שמחה;شادی;आनंद;喜び;喜悦;喜悅;기쁨",
    "tenderness": "tenderness;zärtlichkeit;tendresse;ternura;tenerezza;tederheid;ömhet;ømhed;ømhet;hellyys;czułość;şefkat;нежность;τρυφερότητα;حنان;רוך;مهربانی;कोमलता;優しさ;温柔;溫柔;다정함",
    "wonder": "wonder;staunen;émerveillement;asombro;espanto;meraviglia;verwondering;förundran;forundring;ihmetys;zachwyt;hayret;изумление;θαυμασμός;دهشة;פליאה;شگفتی;विस्मय;驚き;惊奇;驚奇;경이",
    "calm": "calm;ruhe;calme;calma;kalmte;lugn;ro;rauha;spokój;sükunet;покой;спокойствие;γαλήνη;هدوء;רוגע;آرامش;शांति;静けさ;安らぎ;平静;平靜;평온",
    "longing": "longing;sehnsucht;désir ardent;nostalgie;anhelo;añoranza;saudade;anseio;nostalgia;struggimento;verlangen;längtan;længsel;lengsel;kaipuu;tęsknota;özlem;тоска;νοσταλγία;شوق;כמיהה;دلتنگی;लालसा;憧れ;渴望;思慕;그리움",
    "sorrow": "sorrow;trauer;chagrin;pena;tristeza;tristezza;dolore;verdriet;sorg;suru;smutek;üzüntü;печаль;грусть;λύπη;حزن;עצב;اندوه;दुख;悲しみ;悲伤;悲傷;슬픔",
    "fear": "fear;angst;furcht;peur;miedo;medo;paura;rädsla;frygt;frykt;pelko;strach;korku;страх;φόβος;خوف;פחד;ترس;डर;恐れ;恐怖;恐惧;恐懼;두려움",
    "anger": "anger;wut;zorn;ärger;colère;ira;enojo;rabia;raiva;rabbia;woede;boosheid;ilska;vrede;sinne;viha;gniew;złość;öfke;гнев;злость;θυμός;غضب;כעס;خشم;क्रोध;怒り;愤怒;憤怒;분노",
}
FEELING_WORDS: dict[str, Feeling] = _index(_FEELINGS)  # type: ignore[assignment]

_SEATS = {
    "listening": (
        "listening;listener;listens;here to listen;zuhörend;zuhören;hört zu;zuhörer;zuhörerin;à l'écoute;"
        "écoute;escucha;escuchando;ouvindo;ouvinte;in ascolto;ascolto;luistert;luisterend;lyssnar;lytter;"
        "kuuntelee;słucha;dinliyor;слушает;يستمع;מקשיב;聴いている;聴く;旁听;聆听;듣기"
    ),
    "open": (
        "open;kept open;empty;kept;offen;frei;leer;ouvert;libre;vide;abierto;vacío;aberto;vazio;"
        "aperto;libero;vuoto;leeg;öppen;åben;åpen;avoin;otwarte;wolne;açık;boş;открыто;свободно;"
        "مفتوح;פתוח;空席;空;空位;빈자리"
    ),
}
SEAT_WORDS = _index(_SEATS)

# What people write where a name is asked for and they give none.
NAMELESS = frozenset(
    plain_word(w)
    for w in word_set(
        "anonymous;anonym;anonyme;anónimo;anónima;anônimo;anônima;anonimo;anonima;anoniem;anon;"
        "anonymt;anonimowy;anonimowo;anonim;аноним;анонимно;مجهول;אנונימי;匿名;익명;"
        "unknown;unbekannt;inconnu;desconocido;n a;na;none;nobody;null;nan;no name;nameless;"
        "prefer not to say;keine angabe;sans nom;sin nombre;sem nome;guest;unnamed;x",
        ";",
    )
)

_LANGUAGES = {
    "en": "english;englisch;anglais;inglés;inglês;inglese;engels",
    "de": "german;deutsch;allemand;alemán;alemão;tedesco;duits",
    "fr": "french;französisch;français;francés;francês;francese;frans",
    "es": "spanish;spanisch;espagnol;español;castellano;espanhol;spagnolo;spaans",
    "pt": "portuguese;portugiesisch;portugais;portugués;português;portoghese",
    "it": "italian;italienisch;italien;italiano",
    "nl": "dutch;niederländisch;néerlandais;nederlands",
    "sv": "swedish;schwedisch;svenska",
    "da": "danish;dänisch;dansk",
    "no": "norwegian;norwegisch;norsk",
    "fi": "finnish;finnisch;suomi",
    "pl": "polish;polnisch;polski",
    "cs": "czech;tschechisch;čeština",
    "tr": "turkish;türkisch;türkçe",
    "ru": "russian;russisch;русский",
    "uk": "ukrainian;ukrainisch;українська",
    "el": "greek;griechisch;ελληνικά",
    "ar": "arabic;arabisch;arabe;العربية",
    "he": "hebrew;hebräisch;עברית",
    "fa": "persian;farsi;persisch;فارسی",
    "hi": "hindi;हिन्दी",
    "ja": "japanese;japanisch;日本語",
    "zh": "chinese;chinesisch;中文",
    "ko": "korean;koreanisch;한국어",
}
_LANGUAGE_WORDS = _index(_LANGUAGES)
_LANGUAGE_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.ASCII | re.IGNORECASE)


def language(value: str) -> str | None:
    """A language as its short code ("de", from "German", "de-AT" or "DE"), or None."""
    word = plain_word(value)
    if word in _LANGUAGE_WORDS:
        return _LANGUAGE_WORDS[word]
    tag = _LANGUAGE_TAG.fullmatch(value.strip())
    return tag[1].lower() if tag else None
