import Primitives

/// Names of sessions in words; one that a later agent may use stays as it is.
enum SessionSentence {
    static func state(_ name: String) -> Text {
        switch name {
        case "profile_required": Text("situation à choisir", "situation to be chosen")
        case "active": Text("en cours", "active")
        case "locked": Text("verrouillée", "locked")
        case "ended": Text("terminée", "ended")
        default: Text(name)
        }
    }

    static func mode(_ name: String) -> Text {
        switch name {
        case "card": Text("par carte", "by card")
        case "mobile": Text("sur un appareil mobile", "on a mobile device")
        case "degraded": Text("sans carte", "without a card")
        default: Text(name)
        }
    }

    /// Why a session ended; of an emergency too, which is closed besides.
    static func end(_ name: String) -> Text {
        switch name {
        case "card_removed": Text("carte retirée", "card removed")
        case "reader_lost": Text("lecteur disparu", "reader gone")
        case "monitoring_lost": Text("lecteurs plus surveillés", "readers no longer watched")
        case "suspended": Text("poste mis en veille", "machine suspended")
        case "agent_restarted": Text("agent redémarré", "agent restarted")
        case "logout": Text("déconnexion", "logged out")
        case "inactivity": Text("inactivité", "not used")
        case "expired": Text("durée écoulée", "time is over")
        case "revoked": Text("carte ou appareil révoqué", "card or device revoked")
        case "administrator": Text("par un administrateur", "by an administrator")
        case "account_disabled": Text("compte fermé", "account closed")
        case "holder_changed": Text("autre titulaire", "another holder")
        case "replaced": Text("remplacée par une autre", "replaced by another")
        case "clock": Text("horloge du poste reculée", "clock of the machine set back")
        case "closed": Text("clos", "closed")
        // What this program finds out when the agent is not there to say it.
        case "connection_lost": Text("agent injoignable", "agent out of reach")
        case "session_gone": Text("session disparue", "session gone")
        default: Text(name)
        }
    }

    /// How somebody works in a situation, as the directory codes it.
    static func practice(_ code: String) -> Text {
        switch code {
        case "L": Text("libéral", "self-employed")
        case "S": Text("salarié", "employee")
        case "B": Text("bénévole", "volunteer")
        default: Text(code)
        }
    }
}

/// Codes of reasons in words: those that come with the agent. An establishment's own stay as they are.
enum ReasonSentence {
    /// Why a card is not used (`degraded.reasons`).
    static func absence(_ code: String) -> Text {
        switch code {
        case "card_lost": Text("carte perdue", "card lost")
        case "card_forgotten": Text("carte oubliée", "card forgotten")
        case "card_stolen": Text("carte volée", "card stolen")
        case "card_broken": Text("carte abîmée", "card broken")
        case "pin_blocked": Text("code porteur bloqué", "PIN blocked")
        case "reader_broken": Text("lecteur en panne", "reader broken")
        case "certificate_expired": Text("carte expirée", "card expired")
        default: Text(code)
        }
    }

    /// Why an emergency was declared (`break_glass.reasons`).
    static func emergency(_ code: String) -> Text {
        switch code {
        case "vital_emergency": Text("urgence vitale", "vital emergency")
        case "patient_unable": Text("patient hors d'état de s'exprimer", "patient unable to speak for themself")
        case "continuity_of_care": Text("continuité des soins", "continuity of care")
        case "centre_15": Text("appel au centre 15", "call to the emergency line (15)")
        default: Text(code)
        }
    }

    /// Any of them, where the kind is not known: no code has two meanings.
    static func any(_ code: String) -> Text {
        let sentences = [SessionSentence.end, absence, emergency, CardSentence.lossCause]
        return sentences.map { $0(code) }.first { $0 != Text(code) } ?? Text(code)
    }
}
