"""Given names by which a text is seen to name somebody: some hundreds, from many places.

Never complete and not meant to be: a hint that misses a name is worse than
none only where somebody trusts it, and the page says that it may miss. Names
that are everyday words stand apart and count only behind a word for kin.
"""

from __future__ import annotations

from dreamweave.intake.rows import word_set

_LATIN = """
aaron abdul abigail adam adriana agnes ahmed aisha alan alba albert alberto alejandra alejandro alex
alexander alexandra alfredo alice alicia alina alison amanda amina amir amy ana anders andrea andres
andrew angela anita anja ann anna anne annie anthony antonio anton arthur astrid barbara beatriz ben
benjamin bernardo bettina bianca bjorn boris brenda brian bruno camila carla carlos carmen carol caroline
catherine cecilia chiara chloe chris christian christina christine claire clara claudia clement cristina
cynthia daisuke dan daniel daniela danielle darius dave david deborah denise dennis diana diego dimitri
dmitri dolores dora dorothy edith eduardo edward elena eleni eli elias elif elisa elizabeth ella ellen
emil emilia emilio emily emma enrique eric erika ernesto esteban esther eugene eva evelyn fatima felipe
felix fernando fiona frances francisco frank fred frederick gabriel gabriela george georgia gerald
giovanni gloria gonzalo greg gustavo hamid hanna hannah hans harry hassan heather hector heidi helen
helena henrik henry hiroshi hugo ian ibrahim ignacio ines ingrid irene iris isaac isabel ivan jack jacob
jacques james jan jane janet jasmine javier jean jenny jeremy jessica jim joan joe johanna johannes john
johnny jonas jorge jose joseph josh joshua juan juana juanita judith julia julian julie karen karim karl
kate katherine kathy katja kelly ken kenji kevin khalid kim klaus laila lara lars laura leila lena leo
leon leonardo lidia lila linda lisa lorena lorenzo louis louise lucas lucia lucy luigi luis luisa luke
magdalena manuel manuela marco marcos margaret margarita maria mariam mariana marie mario marisol marta
martha martin mary mateo matthew maurice mercedes mia michael michelle miguel mike milan mohamed mohammed
monica muhammad mustafa nadia nancy natalia natasha nathan nicholas nicole nikolai nina noah nora olga
oliver olivia omar oscar pablo pamela patricia patrick paul paula pedro peter petra philip pierre
pilar priya rachel rafael raj rebecca renata ricardo richard rita robert roberto rodrigo roger rosa rosie
ruth sally salma sam samantha samir samuel sandra sara sarah sean sebastian sergio sharon sheila simon
sofia sonia sophie stefan stephanie stephen steve steven susan svetlana sven tamara tania tara teresa
theo thomas tim timothy tina tom tomas tony ursula valentina valeria vanessa vera veronica victor victoria
vincent vladimir walter wanda wei wendy werner william xavier yasmin yolanda yuki yusuf zainab zoe
"""
# Names that are words, months or things as well.
_LATIN_ALSO_WORDS = """
amber angel art april august autumn bill blanca bob brook charity charlie cielo cruz dawn daisy dick
dolly estrella eve faith flor fleur frank gene glen grace guadalupe heather hope hunter ivy jade jay joy
june lily luz mar mark may melody milagros nieves olive pat paz penny pearl ray reina robin rocio rob rose
ruby rusty sandy sky socorro soledad summer sol star sue violet will
"""
_ARABIC = """
أحمد محمد محمود مصطفى عثمان حسين خالد يوسف إبراهيم إسماعيل عبدالله فاطمة عائشة خديجة زينب مريم
سارة ليلى سلمى رقية آمنة حمزة ياسر فيصل ناصر سعود عبدالرحمن سمير سامي رامي هاني نبيل زياد بلال
مازن مروان غسان جورج إلياس حنا مارون دينا رنا رانيا لينا ديما سعاد نادية سميرة فريدة شيماء
بثينة حليمة صلاح هشام عصام أيمن تامر رشا لمى نورا
"""
_ARABIC_ALSO_WORDS = """
نور أمل سلام جميل كريم سعيد قمر وردة ربيع هبة حياة رحمة بسمة نجمة شمس أمين صالح رشيد حبيب عزيز سماء
ندى فرح نعمة حكيم سعد فجر وفاء إخلاص رضا جميلة كريمة سعيدة أميرة أمير
بدر زهرة ياسمين هدى منى هالة جمال كمال حسن علي عمر عبد فهد سلطان ريم نهى دعاء
أسماء إيمان شريف منير هند أنس طارق وليد عادل ماجد باسم هلال
"""

NAMES = frozenset(_LATIN.split())
ALSO_WORDS = frozenset(_LATIN_ALSO_WORDS.split())
ARABIC = frozenset(_ARABIC.split())
ARABIC_ALSO_WORDS = frozenset(_ARABIC_ALSO_WORDS.split())

# Written with a capital and nobody's name: days, months, feasts, peoples, and places that
# many know. A town that is not here is taken for a name; somebody looks, and leaves it.
NOBODY = word_set(
    """
    i i'm i've i'll i'd ok tv god allah jesus christ christmas easter ramadan eid hanukkah
    internet google monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december english french german
    spanish italian arabic chinese japanese russian greek turkish dutch swedish polish portuguese
    american british european african asian indian mexican jewish muslim christian catholic hindu
    buddhist latin roman egyptian europe africa asia america england scotland ireland wales france
    germany spain italy portugal greece turkey russia china japan india egypt morocco mexico
    brazil argentina chile peru canada australia españa francia alemania italia grecia rusia japon
    egipto marruecos brasil europa africa méxico london paris berlin madrid barcelona rome lisbon
    athens istanbul moscow cairo vienna prague amsterdam brussels dublin edinburgh york chicago
    boston seattle california texas tokyo beijing delhi sevilla valencia bilbao granada londres
    roma lisboa atenas moscú viena buenos aires bogotá lima santiago habana navidad dios semana
    santa mediterranean atlantic pacific mediterráneo atlántico pacífico alps andes moon sun earth
    mars venus mum mom mummy mommy mama dad daddy papa papá mamá grandma grandpa granny abuela
    abuelo street avenue road river lake mount hospital university school station north south east
    west facebook whatsapp instagram youtube netflix
    """
)
