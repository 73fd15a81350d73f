"""A second opinion on Marché's French: it reads the sentences without the grammar and names what is wrong."""

MASCULINE = {
    "livre": "livres", "chapeau": "chapeaux", "panier": "paniers", "tapis": "tapis", "vase": "vases",
    "couteau": "couteaux", "bijou": "bijoux", "journal": "journaux", "oiseau": "oiseaux",
    "poisson": "poissons", "sac": "sacs",
}  # fmt: skip
FEMININE = {
    "fleur": "fleurs", "pomme": "pommes", "orange": "oranges", "robe": "robes", "chemise": "chemises",
    "assiette": "assiettes", "horloge": "horloges", "boîte": "boîtes", "écharpe": "écharpes",
}  # fmt: skip
BEFORE = {
    "ms": {"grand", "petit", "joli"}, "fs": {"grande", "petite", "jolie"},
    "mp": {"grands", "petits", "jolis"}, "fp": {"grandes", "petites", "jolies"},
}  # fmt: skip
AFTER = {
    "ms": {"rouge", "vert", "bleu", "blanc", "noir", "jaune", "neuf"},
    "fs": {"rouge", "verte", "bleue", "blanche", "noire", "jaune", "neuve"},
    "mp": {"rouges", "verts", "bleus", "blancs", "noirs", "jaunes", "neufs"},
    "fp": {"rouges", "vertes", "bleues", "blanches", "noires", "jaunes", "neuves"},
}  # fmt: skip
PRESENT = {
    "je": "vends achète ai veux", "tu": "vends achètes as veux", "elle": "vend achète a veut",
    "mon père": "vend achète a veut", "nous": "vendons achetons avons voulons",
    "vous": "vendez achetez avez voulez", "ils": "vendent achètent ont veulent",
}  # fmt: skip
NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15,
    "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60,
}  # fmt: skip
ENGLISH_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
TENS = {"vingt", "trente", "quarante", "cinquante", "soixante"}
WORDS = {
    "book": "livre", "books": "livres", "hat": "chapeau", "hats": "chapeaux", "basket": "panier",
    "baskets": "paniers", "rug": "tapis", "rugs": "tapis", "vase": "vase", "vases": "vases",
    "knife": "couteau", "knives": "couteaux", "jewel": "bijou", "jewels": "bijoux",
    "newspaper": "journal", "newspapers": "journaux", "bird": "oiseau", "birds": "oiseaux",
    "fish": "poisson poissons", "bag": "sac", "bags": "sacs", "flower": "fleur", "flowers": "fleurs",
    "apple": "pomme", "apples": "pommes", "orange": "orange", "oranges": "oranges", "dress": "robe",
    "dresses": "robes", "shirt": "chemise", "shirts": "chemises", "plate": "assiette",
    "plates": "assiettes", "clock": "horloge", "clocks": "horloges", "box": "boîte", "boxes": "boîtes",
    "scarf": "écharpe", "scarves": "écharpes", "big": "grand grande grands grandes",
    "small": "petit petite petits petites", "pretty": "joli jolie jolis jolies", "red": "rouge rouges",
    "green": "vert verte verts vertes", "blue": "bleu bleue bleus bleues",
    "white": "blanc blanche blancs blanches", "black": "noir noire noirs noires",
    "yellow": "jaune jaunes", "new": "neuf neuve neufs neuves", "the": "le la l' les", "a": "un une",
    "an": "un une", "some": "des de", "any": "de d'", "or": "ni", ",": ",", "i": "je j'",
    "you": "tu vous", "she": "elle", "we": "nous", "they": "ils", "my": "mon", "father": "père",
    "not": "ne n' pas",
}  # fmt: skip


def number(words: list[str]) -> int:
    """soixante dix sept → 77: a four before twenty multiplies, everything else adds."""
    total = 0
    for word in words:
        if word != "et":
            total = 80 if word in ("vingt", "vingts") and total == 4 else total + NUMBERS[word]
    return total


def vowel(word: str) -> bool:
    return word[0] in "aeiouéh"


def faults(source: tuple[str, ...]) -> list[str]:
    """What is wrong with a sentence of the market; an empty list where nothing is."""
    words, found = list(source), []
    subject = words.pop(0) if words[0] != "mon" else " ".join([words.pop(0), words.pop(0)])
    negated = words[0] in ("ne", "n'")
    if negated:
        ne, verb, pas = words.pop(0), words.pop(0), words.pop(0)
        found += [f"{ne} {verb}"] * ((ne == "n'") != vowel(verb)) + ["no pas"] * (pas != "pas")
        found += ["j' before ne"] * (subject == "j'")
    else:
        verb = words.pop(0)
        found += [f"{subject} {verb}"] * (subject in ("je", "j'") and (subject == "j'") != vowel(verb))
    if verb not in PRESENT["je" if subject == "j'" else subject].split():
        found.append(f"{subject} {verb}")
    phrases, links = noun_phrases(words)
    found += ["links"] * (links != [","] * (len(links) - 1) + (["ni" if negated else "et"] if links else []))
    for phrase in phrases:
        found += faults_of_phrase(phrase, negated)
    return found


def noun_phrases(words: list[str]) -> tuple[list[list[str]], list[str]]:
    """The noun phrases and the words that link them. An *et* after a ten belongs to its number."""
    phrases, links = [[]], []
    for n, word in enumerate(words):
        if word in (",", "ni") or (word == "et" and words[n - 1] not in TENS):
            links.append(word)
            phrases.append([])
        else:
            phrases[-1].append(word)
    return phrases, links


def faults_of_phrase(phrase: list[str], negated: bool) -> list[str]:
    text, found = " ".join(phrase), []
    nouns = {**dict.fromkeys(MASCULINE, "ms"), **dict.fromkeys(FEMININE, "fs")}
    nouns |= {**dict.fromkeys(MASCULINE.values(), "mp"), **dict.fromkeys(FEMININE.values(), "fp")}
    nouns["tapis"] = "ms" if phrase[0] in ("un", "le") else "mp"
    places = [n for n, word in enumerate(phrase) if word in nouns]
    if len(places) != 1:
        return [f"not one noun: {text}"]
    at = places[0]
    form = nouns[phrase[at]]
    before, after = phrase[:at], phrase[at + 1 :]
    adjective_before = bool(before) and before[-1] in set().union(*BEFORE.values())
    if adjective_before and before.pop() not in BEFORE[form]:
        found.append(f"adjective: {text}")
    if after and not (len(after) == 1 and after[0] in AFTER[form] and not adjective_before):
        found.append(f"adjective: {text}")
    allowed = {
        "ms": {"un", "l'" if vowel(phrase[1]) else "le"},
        "fs": {"une", "l'" if vowel(phrase[1]) else "la"},
        "mp": {"les", "de" if adjective_before else "des"},
        "fp": {"les", "de" if adjective_before else "des"},
    }[form]
    if negated:
        allowed = {"d'" if vowel(phrase[1]) else "de"} if form[1] == "p" else set()
    if len(before) == 1 and before[0] in allowed:
        return found
    counts = all(word in NUMBERS or word == "et" for word in before) and 2 <= number(before) <= 99
    if negated or form[1] != "p" or not counts:
        return [*found, f"determiner: {text}"]
    if before[-1] == ("une" if form[0] == "m" else "un"):
        found.append(f"gender of the number: {text}")
    if ("vingts" in before) != (number(before) == 80):
        found.append(f"vingts: {text}")
    if ("et" in before) != (number(before) in (21, 31, 41, 51, 61, 71)):
        found.append(f"et: {text}")
    return found
