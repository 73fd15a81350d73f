"""The words of Marché in both languages: twenty nouns, ten adjectives, four verbs, seven subjects.

Gender, plurals, feminine forms and conjugations were looked up in the French spelling dictionary Dicollecte
(Debian's hunspell-fr, which tags gender and number); a word with two genders is used in one sense only: *le
livre*, a book (not *la livre*, a pound), and *le vase*, a vase (not *la vase*, mud). No noun begins with an
aspirated h.
"""

from dataclasses import dataclass

VOWELS = "aeiouyàâäéèêëîïôöùûüœ"


def elides(word: str) -> bool:
    """Whether *le, la, de, je, ne* lose their vowel before `word`: it begins with a vowel or, here, a mute h.

    >>> elides("écharpe"), elides("horloge"), elides("robe")
    (True, True, False)
    """
    return word[0] in VOWELS or word[0] == "h"


@dataclass(frozen=True)
class Noun:
    """A thing on the market. `gender` is "m" or "f"."""

    singular: str
    plural: str
    gender: str
    english: str
    english_plural: str

    def french(self, plural: bool) -> str:
        return self.plural if plural else self.singular

    def translation(self, plural: bool) -> str:
        return self.english_plural if plural else self.english


@dataclass(frozen=True)
class Adjective:
    """Four forms for gender and number; English has one. `before`: its place is before its noun."""

    masculine: str
    feminine: str
    masculine_plural: str
    feminine_plural: str
    english: str
    before: bool = False

    def french(self, gender: str, plural: bool) -> str:
        if plural:
            return self.masculine_plural if gender == "m" else self.feminine_plural
        return self.masculine if gender == "m" else self.feminine


@dataclass(frozen=True)
class Subject:
    """Who acts. `person` counts je, tu, il, nous, vous, ils from 0; `third` asks for *sells*, *does not*."""

    french: tuple[str, ...]
    english: tuple[str, ...]
    person: int
    third: bool = False


@dataclass(frozen=True)
class Verb:
    """The present tense: six French forms by person, and the English verb with its third person."""

    french: tuple[str, str, str, str, str, str]
    english: str
    english_third: str


NOUNS = (
    Noun("livre", "livres", "m", "book", "books"),
    Noun("chapeau", "chapeaux", "m", "hat", "hats"),
    Noun("panier", "paniers", "m", "basket", "baskets"),
    Noun("tapis", "tapis", "m", "rug", "rugs"),
    Noun("vase", "vases", "m", "vase", "vases"),
    Noun("couteau", "couteaux", "m", "knife", "knives"),
    Noun("bijou", "bijoux", "m", "jewel", "jewels"),
    Noun("journal", "journaux", "m", "newspaper", "newspapers"),
    Noun("oiseau", "oiseaux", "m", "bird", "birds"),
    Noun("poisson", "poissons", "m", "fish", "fish"),
    Noun("sac", "sacs", "m", "bag", "bags"),
    Noun("fleur", "fleurs", "f", "flower", "flowers"),
    Noun("pomme", "pommes", "f", "apple", "apples"),
    Noun("orange", "oranges", "f", "orange", "oranges"),
    Noun("robe", "robes", "f", "dress", "dresses"),
    Noun("chemise", "chemises", "f", "shirt", "shirts"),
    Noun("assiette", "assiettes", "f", "plate", "plates"),
    Noun("horloge", "horloges", "f", "clock", "clocks"),
    Noun("boîte", "boîtes", "f", "box", "boxes"),
    Noun("écharpe", "écharpes", "f", "scarf", "scarves"),
)

ADJECTIVES = (
    Adjective("grand", "grande", "grands", "grandes", "big", before=True),
    Adjective("petit", "petite", "petits", "petites", "small", before=True),
    Adjective("joli", "jolie", "jolis", "jolies", "pretty", before=True),
    Adjective("rouge", "rouge", "rouges", "rouges", "red"),
    Adjective("vert", "verte", "verts", "vertes", "green"),
    Adjective("bleu", "bleue", "bleus", "bleues", "blue"),
    Adjective("blanc", "blanche", "blancs", "blanches", "white"),
    Adjective("noir", "noire", "noirs", "noires", "black"),
    Adjective("jaune", "jaune", "jaunes", "jaunes", "yellow"),
    Adjective("neuf", "neuve", "neufs", "neuves", "new"),
)

SUBJECTS = (
    Subject(("je",), ("i",), 0),
    Subject(("tu",), ("you",), 1),
    Subject(("elle",), ("she",), 2, third=True),
    Subject(("nous",), ("we",), 3),
    Subject(("vous",), ("you",), 4),
    Subject(("ils",), ("they",), 5),
    Subject(("mon", "père"), ("my", "father"), 2, third=True),
)

VERBS = (
    Verb(("vends", "vends", "vend", "vendons", "vendez", "vendent"), "sell", "sells"),
    Verb(("achète", "achètes", "achète", "achetons", "achetez", "achètent"), "buy", "buys"),
    Verb(("ai", "as", "a", "avons", "avez", "ont"), "have", "has"),
    Verb(("veux", "veux", "veut", "voulons", "voulez", "veulent"), "want", "wants"),
)
