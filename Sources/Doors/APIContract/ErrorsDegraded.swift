import Primitives

extension ErrorCatalogue {
    static let degraded: [ErrorCode: ErrorEntry] = [
        .degradedDisabled: ErrorEntry(
            403, .refused, .never,
            title: Text("Le mode dégradé n'est pas ouvert ici", "Degraded mode is not open here"),
            remedy: Text(
                "Se connecter avec la carte. L'établissement peut l'ouvrir : `degraded.enabled`, avec son homologation.",
                "Log in with the card. The establishment can open it: `degraded.enabled`, with its homologation."))
    ]
}
