import Primitives

/// What people read who come in without their card, or let somebody in.
enum DegradedSentence {
    static let passwordPrompt = Text("Mot de passe : ", "Password: ")
    static let givenUp = Text("Connexion abandonnée", "Login given up")
    static let vouchingGivenUp = Text("Abandonné : personne n'est entré", "Given up: nobody came in")
    static let off = Text("Le mode dégradé n'est pas ouvert ici", "Degraded mode is not open here")
    static let sinceLastLogin = Text(
        "Sans votre carte, depuis votre dernière connexion avec elle :", "Without your card, since your last login with it:")

    static let renewalSuggested = Text(
        "Votre mot de passe est ancien ; en choisir un autre quand vous voulez : `cpsctl degraded password`",
        "Your password is old; choose another when you like: `cpsctl degraded password`")

    static func homologation(_ authority: String, _ reference: String, _ end: String, isOver: Bool) -> Text {
        isOver
            ? Text(
                "Ouvert par \(authority) (\(reference)) ; homologation TERMINÉE le \(end)",
                "Open by decision of \(authority) (\(reference)); homologation ENDED on \(end)")
            : Text(
                "Ouvert par \(authority) (\(reference)), jusqu'au \(end)", "Open by decision of \(authority) (\(reference)), until \(end)")
    }

    static func lengths(_ usual: String, _ longest: String, _ vouched: String) -> Text {
        Text(
            "Durée d'une session (s) : \(usual), prolongée \(longest) au plus ; d'une personne présentée par un collègue : \(vouched)",
            "A session lasts (s): \(usual), made longer \(longest) at most; of a person whom a colleague vouches for: \(vouched)")
    }

    /// Codes, as `--reason` takes them, each with its words where there are some.
    static func reasons(_ codes: [String]) -> Text {
        func list(_ language: Language) -> String {
            codes.map { code in
                let words = ReasonSentence.absence(code).in(language)
                return words == code ? code : "\(code) (\(words))"
            }.joined(separator: ", ")
        }
        return Text("Motifs : \(list(.french))", "Reasons: \(list(.english))")
    }

    static let noLostCard = Text("Aucune carte déclarée perdue ou volée", "No card was reported lost or stolen")

    static func cardRefused(_ serial: String) -> Text {
        Text("La carte \(serial) est refusée ici dès maintenant", "The card \(serial) is refused here from now on")
    }

    static func cardLifted(_ serial: String) -> Text {
        Text("La carte \(serial) est de nouveau acceptée", "The card \(serial) is good again")
    }

    static func contact(_ contact: String) -> Text { Text("Qui appeler : \(contact)", "Whom to call: \(contact)") }

    static func kind(_ kind: String) -> Text {
        switch kind {
        case "vouched": Text("entrée par un collègue", "let in by a colleague")
        case "password": Text("mot de passe donné par un référent", "password given by a référent")
        case "use": Text("entrée par mot de passe", "came in by password")
        default: Text(kind)
        }
    }
}
