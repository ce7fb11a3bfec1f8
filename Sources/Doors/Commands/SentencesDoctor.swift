import Primitives

/// What `doctor` says of a workstation.
enum DoctorSentence {
    static let fine = Text("OK", "OK")
    static let attention = Text("ATTENTION", "ATTENTION")

    static func agentAnswers(_ version: String) -> Text {
        Text("l'agent répond (version \(version))", "the agent answers (version \(version))")
    }

    static let pcscRuns = Text("le service de cartes à puce répond", "the smart-card service answers")
    static let pcscStarting = Text("la surveillance des lecteurs démarre", "the monitoring of readers is starting")
    static let pcscStartingWhy = Text("L'agent vient de démarrer.", "The agent has just started.")
    static let pcscStartingRemedy = Text("Recommencer dans quelques secondes.", "Try again in some seconds.")

    static func readers(_ names: String) -> Text { Text("lecteurs : \(names)", "readers: \(names)") }

    static let noCard = Text("aucune carte insérée", "no card is inserted")
    static func cardBeingRead(_ reader: String) -> Text { Text("\(reader) : lecture en cours", "\(reader): being read") }
    static func cardReady(_ reader: String, _ holder: String, _ tries: Text) -> Text {
        Text("\(reader) : \(holder), essais restants : \(tries.french)", "\(reader): \(holder), tries left: \(tries.english)")
    }

    static func card(_ reader: String, _ what: Text) -> Text { what.of(reader) }

    static let lastTry = Text("il ne reste qu'un essai de code porteur", "only one PIN try is left")
    static let lastTryRemedy = Text(
        "Vérifier le code avant de le saisir : un code faux bloquera la carte.", "Make sure of the PIN: a wrong one will block the card.")

    static func expiresSoon(_ date: String) -> Text { Text("le certificat expire le \(date)", "the certificate expires on \(date)") }
    static let expiresSoonRemedy = Text("Demander le renouvellement de la carte.", "Ask for the renewal of the card.")

    static let production = Text("autorités de production", "production authorities")
    static let test = Text("autorités de TEST : les vraies cartes sont refusées", "TEST authorities: real cards are refused")
    static let testRemedy = Text(
        "Ne pas soigner avec ce poste ; installer les autorités de production.",
        "Do not use this workstation for care; install the production authorities.")

    static let revocationUnchecked = Text("la révocation des cartes n'est pas vérifiée", "the revocation of cards is not checked")
    static let listsMissing = Text(
        "Une liste de révocation manque. Les sessions sont marquées et ont les droits de la colonne « non vérifié ».",
        "A revocation list is missing. Sessions are flagged and have the rights of the unchecked column.")
    static func listsOld(_ days: Int64) -> Text {
        Text(
            "La plus ancienne liste a \(days) jours. Les sessions sont marquées et ont les droits de la colonne « non vérifié ».",
            "The oldest list is \(days) days old. Sessions are flagged and have the rights of the unchecked column.")
    }
    static let revocationRemedy = Text(
        "Prendre les listes de révocation à nouveau ; sans réseau, les copier dans le dossier trust.crls.",
        "Take in the revocation lists again; without a network, copy them to the folder trust.crls.")
    static func revocationChecked(_ days: Int64?) -> Text {
        guard let days else { return Text("la révocation des cartes est vérifiée", "the revocation of cards is checked") }
        return Text(
            "la révocation des cartes est vérifiée ; la plus ancienne liste a \(days) jours",
            "the revocation of cards is checked; the oldest list is \(days) days old")
    }

    static func clockBehind(_ seconds: Int64) -> Text {
        Text(
            "l'horloge du poste retarde d'au moins \(seconds) s sur une date signée par une autorité",
            "the clock of this workstation is at least \(seconds) s behind a time that an authority has signed")
    }
    static let clockBehindRemedy = Text(
        "Remettre le poste à l'heure ; les certificats sont jugés à la date signée en attendant.",
        "Set the clock right; certificates are judged at the signed time meanwhile.")

    static func reserveInUse(_ since: String) -> Text {
        Text(
            "le journal ne peut être écrit : la réserve sert depuis le \(since), et les connexions sont refusées",
            "the log cannot be written: the reserve is in use since \(since), and logins are refused")
    }
    static let reserveInUseRemedy = Text(
        "Libérer de la place sur le disque du dossier d'état, ou le rendre inscriptible ; l'agent reprend de lui-même.",
        "Free space on the disk of the state folder, or make it writable; the agent recovers by itself.")
    static func reserveMissing(_ problem: String) -> Text {
        Text("la réserve du journal manque (\(Text.heard(problem).french))", "the reserve of the log is missing (\(problem))")
    }
    static let reserveMissingRemedy = Text(
        "Voir audit.reserve dans la configuration : sans elle, disque plein, même les fins de session ne sont plus tracées.",
        "See audit.reserve in the configuration: without it, with the disk full, not even ends of sessions are traced.")
    static let reserveShared = Text(
        "la réserve du journal est sur le même système de fichiers que l'état",
        "the reserve of the log is on the same file system as the state folder")
    static let reserveSharedRemedy = Text(
        "Donner à audit.reserve un chemin sur un autre disque : ce qui casse l'un laisse alors l'autre.",
        "Give audit.reserve a path on another disk: what breaks one then leaves the other.")
    static let reserveReady = Text("la réserve du journal est prête", "the reserve of the log is ready")

    static let warningRemedy = Text("Voir la configuration de l'agent.", "See the agent's configuration.")
}
