import Primitives

/// Names of readers and cards in words; one that a later agent may use stays as it is.
enum CardSentence {
    static func state(_ name: String) -> Text {
        switch name {
        case "absent": Text("pas de carte", "no card")
        case "reading": Text("en cours de lecture", "being read")
        case "ready": Text("prête", "ready")
        case "foreign": Text("pas une carte CPS", "not a CPS card")
        case "mute": Text("ne répond pas", "does not answer")
        case "blocked": Text("code bloqué", "PIN blocked")
        default: Text(name)
        }
    }

    static func generation(_ name: String) -> Text {
        switch name {
        case "cps3": Text("CPS3")
        case "cps4": Text("CPS4")
        case "cps3-contactless": Text("CPS3 sans contact", "contactless CPS3")
        default: Text(name)
        }
    }

    static func readerKind(_ name: String) -> Text {
        switch name {
        case "usb": Text("USB")
        case "serial": Text("série", "serial")
        case "network": Text("réseau", "network")
        case "virtual": Text("virtuel", "virtual")
        case "unknown": Text("de type inconnu", "of unknown kind")
        default: Text(name)
        }
    }

    /// How a data object may be read.
    static func access(_ name: String) -> Text {
        switch name {
        case "free": Text("libre", "free")
        case "pin": Text("sous le code", "behind the PIN")
        default: Text(name)
        }
    }

    /// How many tries or uses are left; some cards do not tell without spending one.
    static func left(_ count: String) -> Text { count == "unknown" ? Text("inconnu", "unknown") : Text(count) }

    static func lossCause(_ name: String) -> Text {
        switch name {
        case "lost": Text("perdue", "lost")
        case "stolen": Text("volée", "stolen")
        default: Text(name)
        }
    }
}
