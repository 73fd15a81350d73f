"""Thirty-six phrases of a traveller's phrasebook, aligned by hand: translation is more than word for word.

Each entry: French, English, and for each English word the positions of the French words it comes from.
"""

from attend.lab.data.pair import aligned

PHRASEBOOK = (
    aligned("comment allez vous", "how are you", "0 1 2"),
    aligned("comment vous appelez vous", "what is your name", "0 2 1,3 2"),
    aligned("je m' appelle marie", "my name is marie", "0,1 2 2 3"),
    aligned("bonjour", "good morning", "0 0"),
    aligned("bonsoir", "good evening", "0 0"),
    aligned("bonne nuit", "good night", "0 1"),
    aligned("bonne journée", "have a nice day", "0 0 0 1"),
    aligned("bonne chance", "good luck", "0 1"),
    aligned("au revoir", "goodbye", "0,1"),
    aligned("à demain", "see you tomorrow", "0 0 1"),
    aligned("à bientôt", "see you soon", "0 0 1"),
    aligned("merci beaucoup", "thank you very much", "0 0 1 1"),
    aligned("de rien", "you are welcome", "0,1 0,1 0,1"),
    aligned("s' il vous plaît", "please", "0,1,2,3"),
    aligned("excusez moi", "excuse me", "0 1"),
    aligned("je suis désolé", "i am sorry", "0 1 2"),
    aligned("je ne comprends pas", "i do not understand", "0 2 1,3 2"),
    aligned("parlez vous anglais", "do you speak english", "0 1 0 2"),
    aligned("pouvez vous m' aider", "can you help me", "0 1 3 2"),
    aligned("où habitez vous", "where do you live", "0 1 2 1"),
    aligned("où est la gare", "where is the station", "0 1 2 3"),
    aligned("quelle heure est il", "what time is it", "0 1 2 3"),
    aligned("combien coûte ce livre", "how much does this book cost", "0 0 1 2 3 1"),
    aligned("combien coûtent ces fleurs", "how much do these flowers cost", "0 0 1 2 3 1"),
    aligned("l' addition s' il vous plaît", "the bill please", "0 1 2,3,4,5"),
    aligned("je voudrais un café", "i would like a coffee", "0 1 1 2 3"),
    aligned("bon appétit", "enjoy your meal", "0 0 1"),
    aligned("à votre santé", "cheers", "0,1,2"),
    aligned("j' ai faim", "i am hungry", "0 1 2"),
    aligned("nous avons soif", "we are thirsty", "0 1 2"),
    aligned("il fait froid", "it is cold", "0 1 2"),
    aligned("il fait chaud aujourd'hui", "it is hot today", "0 1 2 3"),
    aligned("le marché est ouvert", "the market is open", "0 1 2 3"),
    aligned("le marché ferme à midi", "the market closes at noon", "0 1 2 3 4"),
    aligned("c' est trop cher", "it is too expensive", "0 1 2 3"),
    aligned("je vous aime", "i love you", "0 2 1"),
)
