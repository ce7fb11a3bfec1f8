import Primitives

/// What a person reads about accounts and passwords.
enum AccountSentence {
    static let account = Text("Compte", "Account")
    static let wayIn = Text("Mot de passe", "Password")
    static let pending = Text("En attente de confirmation", "Waiting for confirmation")
    static let none = Text("Aucun compte", "No account")
    static let unlocked = Text("Blocage levé", "Lock lifted")
    static let solo = Text("sans seconde personne (site d'un seul praticien)", "without a second person (one practitioner works here)")

    static func made(_ time: String, _ by: String) -> Text { Text("créé le \(time) par \(by)", "made at \(time) by \(by)") }
    static func confirmed(_ by: String) -> Text { Text("confirmé par \(by)", "confirmed by \(by)") }
    static func initialUntil(_ time: String) -> Text { Text("initial, valable jusqu'à \(time)", "initial, valid until \(time)") }

    /// A name of the API; one that a later agent may use stays as it is.
    static func state(_ name: String) -> Text {
        switch name {
        case "enabled": Text("ouvert", "open")
        case "disabled": Text("fermé", "closed")
        case "awaiting_confirmation": Text("à confirmer", "to be confirmed")
        default: Text(name)
        }
    }

    static let initial = Text("Mot de passe initial, affiché cette seule fois :", "Initial password, shown this once:")
    static let firstUse = Text(
        "À changer au premier usage : `cpsctl degraded password`.", "To be changed at first use: `cpsctl degraded password`.")

    static func toConfirm(_ id: String) -> Text {
        Text(
            "Une autre personne doit d'abord confirmer, avec sa carte : `cpsctl account confirm \(id)`.",
            "Another person has to confirm first, with their card: `cpsctl account confirm \(id)`.")
    }

    static let currentPrompt = Text("Mot de passe actuel : ", "Password in force: ")
    static let newPrompt = Text("Nouveau mot de passe : ", "New password: ")
    static let againPrompt = Text("Nouveau mot de passe, encore une fois : ", "New password, once more: ")
    static let set = Text("Mot de passe enregistré", "Password set")
    static let givenUp = Text("Opération abandonnée ; aucun mot de passe n'a changé", "Given up; no password has changed")
}
