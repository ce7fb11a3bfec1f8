import Primitives

extension ErrorCatalogue {
    static let degraded: [ErrorCode: ErrorEntry] = [
        .degradedDisabled: ErrorEntry(
            403, .refused, .never,
            title: Text("Le mode dégradé n'est pas ouvert ici", "Degraded mode is not open here"),
            remedy: Text(
                "Se connecter avec la carte. L'établissement peut l'ouvrir : `degraded.enabled`, avec son homologation.",
                "Log in with the card. The establishment can open it: `degraded.enabled`, with its homologation.")),
        .vouchingDenied: ErrorEntry(
            403, .refused, .never,
            title: Text("On ne peut pas se porter garant de cette personne", "Nobody may vouch for this person so"),
            remedy: Text(
                "Voir `detail`. Un autre professionnel présent, avec sa carte, peut se porter garant ; sinon appeler le référent.",
                "See `detail`. Another professional who is there, with their card, may vouch; else call the référent.")),
        .cardReportedLost: ErrorEntry(
            403, .certificate, .never,
            title: Text("Cette carte a été déclarée perdue ou volée", "This card was reported lost or stolen"),
            remedy: Text(
                "La remettre au référent, qui lève le signalement ; ou la retrouver : carte, code et mot de passe ensemble.",
                "Give it to the référent, who lifts the report; or have it found again: card, PIN and password together.")),
    ]
}
