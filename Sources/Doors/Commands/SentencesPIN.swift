import Primitives

/// What a person reads while the PIN of a card is changed or unblocked.
enum PINSentence {
    static let pinTries = Text("Essais restants du code porteur", "PIN tries left")
    static let pukTries = Text("Essais restants du code de déblocage", "Unblocking code tries left")
    static let pukUses = Text("Utilisations restantes du code de déblocage", "Unblocking code uses left")

    static let currentPrompt = Text("Code porteur actuel : ", "PIN in force: ")
    static let pukPrompt = Text("Code de déblocage : ", "Unblocking code: ")
    static let newPrompt = Text("Nouveau code porteur : ", "New PIN: ")
    static let againPrompt = Text("Nouveau code porteur, encore une fois : ", "New PIN, once more: ")
    static let differ = Text("Les deux saisies diffèrent.", "The two differ.")

    static let pukConsentPrompt = Text(
        "Dernier essai : un code de déblocage faux rendra la carte inutilisable. Taper OUI pour continuer : ",
        "Last try: a wrong unblocking code makes the card useless. Type YES to go on: ")

    static let changed = Text("Code porteur changé", "PIN changed")
    static let unblocked = Text("Code porteur débloqué", "PIN unblocked")
    static let givenUp = Text("Opération abandonnée", "Operation given up")
}
