import Primitives

/// States of the agent in words; one that a later agent may name stays as it is.
enum StateSentence {
    static func health(_ name: String) -> Text {
        switch name {
        case "ok": Text("en ordre", "in order")
        case "degraded": Text("les lecteurs ne sont pas surveillés", "the readers are not watched")
        default: Text(name)
        }
    }

    static func environment(_ name: String) -> Text {
        switch name {
        case "production": Text("de production", "production")
        case "test": Text("de test", "test")
        default: Text(name)
        }
    }

    static func monitoring(_ name: String) -> Text {
        switch name {
        case "starting": Text("démarre", "starting")
        case "running": Text("en marche", "running")
        case "service_down": Text("le service des cartes (pcscd) ne répond pas", "the card service (pcscd) does not answer")
        case "not_authorised": Text("le service des cartes (pcscd) refuse l'agent", "the card service (pcscd) refuses the agent")
        default: Text(name)
        }
    }

    static func revocation(_ name: String) -> Text {
        switch name {
        case "good": Text("chaque autorité a une liste à jour", "each authority has a list in its dates")
        case "unchecked": Text("une liste manque ou est périmée", "a list is missing or stale")
        default: Text(name)
        }
    }

    static func forward(_ name: String) -> Text {
        switch name {
        case "starting": Text("démarre", "starting")
        case "ok": Text("en ordre", "in order")
        case "failing": Text("en échec", "failing")
        default: Text(name)
        }
    }
}
