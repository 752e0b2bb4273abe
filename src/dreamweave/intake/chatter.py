"""Chatter: what people type in a chat that is not told to be kept.

One rule, stated to the host and counted: a message is left out when it has
fewer than `WORDS_FEW` words and they only greet, thank, applaud, agree or
refuse; when it holds no letter; or when it is only links. Everything else is kept,
however short: "water" may be the whole dream.
"""

from __future__ import annotations

import re
import unicodedata

from dreamweave.intake.rows import word_set

# "Good morning dear all, thank you" is six.
WORDS_FEW = 7
# Nothing this long is chatter, and looking for links in it would take a while.
_LONG_CHARS = 2_000

GREETING = "were only a greeting, thanks, applause, yes or no"
NO_LETTERS = "held only signs or emoji"
ONLY_LINKS = "held only links"

RULE = (
    "Rule for chat: a message is left out when it is shorter than seven words and only a greeting,"
    " thanks, applause, yes or no; when it has no letters; when it is only a link; and when the program"
    " wrote it (joined, left, deleted, a file without words)."
)

# Words that greet, thank, applaud, agree or refuse: one of them has to be there.
_SAYS_SO = word_set(
    "hi hello hey heya hiya howdy yo good welcome bye goodbye byebye ciao cheers thanks thank "
    "thankyou thx ty tysm tks ok okay okey k kk yes yep yeah yup ya no nope nah sure great nice "
    "cool wow lovely beautiful amazing awesome perfect super lol haha hahaha hehe rofl omg same "
    "agreed agree exactly indeed absolutely totally amen yay sorry oops brb hmm hm mm mhm mmm uh "
    "um ah oh aha test testing "
    "hallo hej moin servus grüezi grüß guten gute willkommen tschüss tschüs tschau danke "
    "dankeschön dank ja nein nö klar genau stimmt toll wunderbar lg vg "
    "bonjour bonsoir salut coucou bonne bienvenue merci oui non ouais bravo magnifique "
    "hola buenos buenas bienvenidos bienvenidas adiós chao gracias sí si claro vale olá oi bom "
    "boa tchau obrigado obrigada sim não beleza valeu buongiorno buonasera buonanotte salve "
    "arrivederci grazie certo prego "
    "hoi goedemorgen goedenavond goedemiddag welkom doei dankjewel bedankt nee hejsan god "
    "välkommen tack nej tak takk moi hei kiitos kyllä ei cześć dzień dobranoc dziękuję dzięki "
    "nie merhaba günaydın teşekkürler teşekkür evet hayır "
    "привет здравствуйте доброе добрый спасибо да нет пока дякую так ні γεια καλημέρα "
    "καλησπέρα ευχαριστώ ναι όχι "
    "مرحبا السلام صباح مساء شكرا نعم لا שלום תודה כן לא בוקר ערב नमस्ते धन्यवाद हाँ नहीं"
)
# Words that only keep those company. Alone they may be somebody's dream.
_KEEPS_COMPANY = word_set(
    "morning afternoon evening night day see you u soon later so very much many a lots all "
    "everyone everybody folks friends dear guys please and to for too from me here it is that "
    "this we i am "
    "gott morgen tag abend nacht auf wiedersehen bis bald vielen lieben liebe herzlichen sehr "
    "schön schöne jo alle allen zusammen an euch ihr bitte gerne und "
    "soirée journée nuit au revoir à bientôt beaucoup infiniment mille d accord tous toutes "
    "tout le monde et les amis svp "
    "días tardes noches hasta luego pronto muchas mil todos todas a por favor y dia tarde noite "
    "até logo muito muita e tante tutti tutte "
    "dag wel je iedereen morgon kväll så mycket mange dobry wszystkim ederim herkese "
    "утро день вечер большое всем σας عليكم الخير רבה טוב"
)
# Languages that write without spaces: the whole message, for messages this short.
_WHOLE = word_set(
    "こんにちは こんばんは おはよう おはようございます ありがとう ありがとうございます ありがとうございました "
    "はい いいえ よろしくお願いします お疲れ様です お疲れさまです 了解です なるほど 你好 您好 大家好 早上好 晚上好 "
    "谢谢 谢谢大家 謝謝 谢谢你 好 好的 是 是的 对 不是 再见 晚安 안녕하세요 감사합니다 고맙습니다 네 아니요 สวัสดี ขอบคุณ"
)

_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+\.[\w.-]+\b", re.IGNORECASE)
_MENTION = re.compile(r"(?<!\w)@\S+")
_NO_WORD = re.compile(r"[^\w+]+|_")


def reason(text: str) -> str | None:
    """Why a message is chatter, or None when it is to be kept."""
    if len(text) > _LONG_CHARS:
        return None
    bare = _LINK.sub(" ", text)
    linked = bare != text
    bare = _MENTION.sub(" ", bare)
    if not any(c.isalpha() for c in bare):
        return ONLY_LINKS if linked else NO_LETTERS
    if len(bare) > 120:
        return None
    folded = unicodedata.normalize("NFC", bare).casefold()
    words = [w for w in _NO_WORD.split(folded) if any(c.isalpha() for c in w)]
    if len(words) >= WORDS_FEW:
        return None
    says_so = [_among(w, _SAYS_SO) or w in _WHOLE for w in words]
    small = all(a or _among(w, _KEEPS_COMPANY) for a, w in zip(says_so, words, strict=True))
    return GREETING if small and any(says_so) else None


def _among(word: str, few: frozenset[str]) -> bool:
    # "thaaanks", "helloooo", "goood": a letter held down is the same word.
    return word in few or any(re.sub(r"(.)\1{2,}", held, word) in few for held in (r"\1", r"\1\1"))
