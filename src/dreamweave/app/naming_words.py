"""Words round a name: kin and friends, titles, what only people do, and what is a place.

For `naming_hint`: English, Spanish, a little German and French (written without accents, as
they are compared) and Arabic. Lists only; given names stand in `given_names`.
"""

from __future__ import annotations

from dreamweave.app.folding import folded
from dreamweave.intake.rows import word_set

KIN = word_set(
    """
    sister brother mother father mum mom mam dad aunt auntie uncle cousin niece nephew wife
    husband partner son daughter stepson stepdaughter stepmother stepfather grandmother
    grandfather grandma grandpa granny friend girlfriend boyfriend ex neighbour neighbor boss
    teacher colleague roommate flatmate twin baby child hermana hermano madre padre tia tio prima
    primo sobrina sobrino esposa esposo mujer marido pareja hija hijo abuela abuelo amiga amigo
    novia novio vecina vecino jefa jefe maestra maestro profesora profesor companera companero
    suegra suegro cunada cunado nieta nieto mama papa schwester bruder mutter vater tante onkel
    cousine freundin freund frau mann tochter sohn oma opa soeur frere mere pere oncle cousin amie
    ami femme mari fille fils
    """
)
MINE = word_set(
    "my our his her their your mi mis tu su sus nuestra nuestro meine mein unsere ma mon notre"
)
TITLES = word_set(
    """
    mr mrs ms miss mx dr doctor prof professor father sister saint sir madam don dona senor senora
    senorita sr sra srta dra doctora profe herr frau monsieur madame mme
    """
)
# Only people do these, so a word before them at the beginning of a sentence is somebody.
ONLY_PEOPLE = word_set(
    """
    said says told asked smiled laughed whispered shouted cried answered hugged kissed called dijo
    dice pregunto sonrio rio susurro grito contesto abrazo beso llamo lloraba sonreia
    """
)
# Before a place, and hardly ever before a person.
BEFORE_PLACES = word_set(
    """
    in near across through around outside inside cerca hacia desde
    """
)
# What begins sentences and is nobody.
PLAIN = word_set(
    """
    the a an this that these those my our your his her its their we you he she it they there here
    then when while where what who why how and but or so if as at on in to of for with from after
    before suddenly later now once one two some all every nobody somebody someone everyone
    everybody people not no yes maybe only even el la los las un una unos unas este esta ese esa
    mi mis tu su sus nuestro nosotros yo ella ellos ellas eso y pero o si como en de con por para
    desde hasta cuando donde que quien luego entonces despues ahora todo todos nadie alguien otra
    otro no habia estaba era soy fue
    """
)
OF_PLACES = word_set(
    """
    street avenue road river lake hospital university school station square bridge park island
    mountain beach church hotel airport
    """
)
AFTER_PLACES = frozenset(
    ["calle", "avenida", "rio", "lago", "plaza", "puente", "isla", "playa", "estacion"]
)
# In English only where these wear a capital themselves: "Lake Ana", but "at the lake Ana held on".
AFTER_PLACES_CAPITAL = frozenset(["mount", "lake", "river", "saint", "hospital", "hotel"])
ARABIC_KIN = frozenset(
    folded(w)
    for w in word_set(
        """
        أختي أخي أمي أبي والدتي والدي خالتي خالي عمتي عمي جدتي جدي زوجتي زوجي ابنتي ابني بنتي
        صديقتي صديقي جارتي جاري معلمتي معلمي أستاذتي أستاذي مديرتي مديري زميلتي زميلي خطيبتي خطيبي
        حبيبتي حبيبي أختها أخوه أخته صديقه صديقته حماتي قريبتي قريبي
        """
    )
)
ARABIC_TITLES = frozenset(
    folded(w)
    for w in word_set(
        """
        السيد السيدة الآنسة الأستاذ الأستاذة الدكتور الدكتورة الشيخ الشيخة الحاج الحاجة المعلم
        المعلمة المهندس المهندسة دكتور دكتورة أستاذ أستاذة عمو خالة أبو أم ابن
        """
    )
)
# "Mother of" and "father of" are names only before a name.
ONLY_BEFORE_NAMES = frozenset(
    folded(w)
    for w in word_set(
        """
        أم أبو ابن خالة عمو دكتور دكتورة أستاذ أستاذة
        """
    )
)
# Particles and the commonest verbs: no name stands there.
ARABIC_LITTLE = frozenset(
    folded(w)
    for w in word_set(
        """
    كان كانت قال قالت في من إلى على عن مع ثم لم لا ما هو هي التي الذي هناك هنا جاء جاءت
    """
    )
)
