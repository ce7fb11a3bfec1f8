import Primitives

extension ErrorCatalogue {
    static let agent: [ErrorCode: ErrorEntry] = [
        .traceUnavailable: ErrorEntry(
            503, .other, .later,
            title: Text("La trace ne peut pas être écrite", "The trace cannot be written"),
            remedy: Text(
                "Libérer de l'espace dans le dossier d'état de l'agent, puis recommencer.",
                "Free space in the agent's state folder, then try again.")),
        .traceInvalid: ErrorEntry(
            500, .trace, .never,
            title: Text("La vérification de la trace a échoué", "The verification of the trace failed"),
            remedy: Text(
                "Conserver le dossier d'état en l'état et prévenir le responsable de la sécurité.",
                "Keep the state folder as it is and tell the security officer.")),
        .retentionDenied: ErrorEntry(
            403, .refused, .never,
            title: Text("Ces traces doivent être gardées", "These traces have to be kept"),
            remedy: Text(
                "Choisir une date plus ancienne que `audit.retention`, et faire confirmer par une autre personne que celle qui demande.",
                "Choose a date older than `audit.retention`, and have somebody else agree than who asked.")),
        .agentUnreachable: ErrorEntry(
            503, .unreachable, .later,
            title: Text("L'agent ne répond pas", "The agent does not answer"),
            remedy: Text(
                "Démarrer le service (`systemctl start cps-agent`) ou donner le bon chemin (`--socket`).",
                "Start the service (`systemctl start cps-agent`) or give the right path (`--socket`).")),
        .agentStopping: ErrorEntry(
            503, .other, .later,
            title: Text("L'agent s'arrête", "The agent is stopping"),
            remedy: Text(
                "Recommencer quand il aura redémarré.",
                "Try again when it has started again.")),
        .internalError: ErrorEntry(
            500, .other, .later,
            title: Text("Erreur interne de l'agent", "Internal error of the agent"),
            remedy: Text(
                "Consulter le journal du service et le signaler.",
                "See the service's log and report it.")),
    ]
}
