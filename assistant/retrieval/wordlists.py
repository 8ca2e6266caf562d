"""Words of questions that carry no subject: Danish and English, for reading questions only.

They are never taken out of what is searched; there, removing them costs recall.
"""

from __future__ import annotations

DANISH_FUNCTION_WORDS = frozenset(
    """
    ad af al alle alt altså anden andet andre at bare begge blev bliver blot både da de dem den denne der deres derfor
    derefter derpå derved det dette dig din dine disse dit dog du efter eks ej eller ellers en end endnu engang enhver
    er et ethvert eventuelt for fordi fra få får før først gennem giver gjorde gør gøre ham han hans har havde have hele
    helt hen hende hendes henholdsvis her hermed hinanden hos hun hvad hvem hver hverken hvilke hvilken hvilket hvis
    hvor hvordan hvorfor hvorledes hvornår i idet ifølge igen igennem ikke ind inden indenfor ingen ingenting intet ja
    jeg jer jeres jo kan kom komme kommer kun kunne lad lige ligesom man mange med medmindre meget mellem men mens mere
    mest mig min mindre mindst mine mit mod må måske måtte ned nej netop nogen noget nogle nok nu når nævnes nær nærmere
    og også om omkring op os over overfor overhovedet overordnet på samme samt sammen selv selvom sig sin sine sit skal
    skulle snart som stadig således så sådan thi til tit ud uden under undtagen ved vel vi via vil ville vor vore vores
    være været vær jf fx mv
    """.split()
)

DANISH_FRAME_WORDS = frozenset(
    """
    siger sige sagt mener mene ment skriver skrive skrevet står stå nævner nævne nævnt omtaler omtale omtalt omtales
    fremgår fremgå fortæl fortælle forklar forklare beskriv beskrive beskrives beskriver uddyb uddybe handler handle
    handlede peger pege fremhæver fremhæve fremhæves understreger understrege lægger lægge vægt vægten betyder betyde
    betydning indebærer indebære indeholder indeholde dækker dække kendetegner kendetegne kendetegnes forstår forstå
    forstås opfatter opfatte ser se synes syn tænker tænke holdning holdninger ønsker ønske bør burde gerne venligst
    tak hjælp hjælpe list liste nævn opremse oprems opsummer opsummere oversigt overblik gennemgå punkter punkterne
    punktform vis vise spørgsmål spørge spørger svar svare dokument dokumentet dokumenter dokumenterne tekst teksten
    oplæg oplægget oplæggene debatoplæg debatoplægget slide slides side sider papir papiret notat rapport kilde kilder
    hører høre findes finde ligger ligge går gå gælder gælde egentlig konkret konkrete præcis kort hurtigt godt bedst
    ting noget nogen måde måder type slags del eksempel eksempler brug bruge bruges bruger tager tage kalder kalde
    giv give indgår indgå indgik arbejder arbejde sød venlig hurtig samlet liste planche møde
    nævner punkt emne emner tema temaer område området inden generelt formål formålet sidst sidste anbefaler anbefale
    omfatter omfatte rummer rumme opstiller opstille opstilles stiller rejser rejse foreslår foreslå forslag hvilket sker ske synspunkt samtidig
    """.split()
)

COMPARING_WORDS = frozenset(
    "forskel forskelle forskellen forskellene lighed ligheder lighederne enig enige uenig uenige ens samme sammenlign "
    "sammenligne sammenlignet sammenhold henholdsvis kontra versus begge parter parternes syn holdning holdninger vægt "
    "to hver især fælles compare compared comparison difference differences both two agree".split()
)
"""Words that ask for a comparison; what is compared is another matter."""

PAPERS = frozenset(
    "oplæg oplægget oplæggene debatoplæg debatoplægget dokument dokumentet dokumenter dokumenterne notat notatet rapport "
    "rapporten papir papiret tekst teksten slide slides formål formålet".split()
)
"""Frame words that a question is about where it is about nothing else."""

ENGLISH_FUNCTION_WORDS = frozenset(
    """
    a about according all also an and any are as at be been being both but by can could did do does during each for from
    get gets give given had has have having he her here him his how i if in into is it its just like made make makes many
    may me mean means might more most much must my need needs no nor not of off on one only or other our out over own paper
    says say said see should shall she so some such tell than that the their them then there these they thing things this
    those through to too under up us use very want wants was way we were what when where whether which while who whom whose
    why will with would write writes wrote you your document documents slide slides please briefly describe explain mention
    mentioned list name according think thinks view
    """.split()
)

ENGLISH_MARKERS = frozenset(
    "the of and is are what which how who why when where should does do did can could would about according in to for "
    "with their there this that these be been has have an my you your from please tell was were will they or not".split()
)
DANISH_MARKERS = frozenset(
    "og er hvad hvilke hvilken hvilket hvordan hvem hvorfor hvornår hvor skal bør kan den det de der en et af på til "
    "med om at som ikke har vil ved fra siger ifølge man vi jeg du mig være bliver eller blev hos sig mellem".split()
)
