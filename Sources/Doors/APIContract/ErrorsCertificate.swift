import Primitives

extension ErrorCatalogue {
    static let certificate: [ErrorCode: ErrorEntry] = [
        .certificateMalformed: ErrorEntry(
            403, .certificate, .never,
            title: Text("Le certificat de la carte est illisible", "The card's certificate cannot be read"),
            remedy: Text(
                "Faire remplacer la carte.",
                "Have the card replaced.")),
        .certificateUntrusted: ErrorEntry(
            403, .certificate, .never,
            title: Text(
                "Le certificat de la carte n'est pas d'une autorité reconnue", "The card's certificate is from no trusted authority"),
            remedy: Text(
                "Vérifier les autorités installées (`cpsctl trust list`).",
                "Check the authorities that are installed (`cpsctl trust list`).")),
        .certificateExpired: ErrorEntry(
            403, .certificate, .never,
            title: Text("Le certificat de la carte a expiré", "The card's certificate has expired"),
            remedy: Text(
                "Demander le renouvellement de la carte.",
                "Ask for the renewal of the card.")),
        .certificateNotYetValid: ErrorEntry(
            403, .certificate, .later,
            title: Text("Le certificat de la carte n'est pas encore valable", "The card's certificate is not valid yet"),
            remedy: Text(
                "Vérifier l'heure du poste ; sinon attendre la date de début.",
                "Check the workstation's clock; else wait for the start date.")),
        .certificateRevoked: ErrorEntry(
            403, .certificate, .never,
            title: Text("Le certificat de la carte est révoqué", "The card's certificate is revoked"),
            remedy: Text(
                "Utiliser la nouvelle carte, ou appeler le référent.",
                "Use the new card, or call the référent.")),
        .revocationStale: ErrorEntry(
            503, .certificate, .later,
            title: Text(
                "La révocation du certificat n'a pas pu être vérifiée", "Whether the certificate is revoked could not be checked"),
            remedy: Text(
                "Mettre à jour les listes de révocation (cpsctl trust update), ou appeler le support.",
                "Update the revocation lists (cpsctl trust update), or call support.")),
        .certificateWrongUsage: ErrorEntry(
            403, .certificate, .never,
            title: Text("Ce certificat ne sert pas à s'authentifier", "This certificate is not for authentication"),
            remedy: Text(
                "Utiliser une carte avec un certificat d'authentification.",
                "Use a card with an authentication certificate.")),
        .certificateWeak: ErrorEntry(
            403, .certificate, .never,
            title: Text("Clé ou signature du certificat trop faible", "The certificate's key or signature is too weak"),
            remedy: Text(
                "Faire remplacer la carte.",
                "Have the card replaced.")),
        .certificateEnvironment: ErrorEntry(
            403, .certificate, .never,
            title: Text("Carte de test et autorités de production, ou l'inverse", "Test card with production authorities, or the reverse"),
            remedy: Text(
                "Utiliser une carte du même environnement que le poste.",
                "Use a card of the same environment as the workstation.")),
        .proofInvalid: ErrorEntry(
            403, .certificate, .never,
            title: Text(
                "La carte n'a pas prouvé qu'elle détient la clé du certificat", "The card did not prove that it holds the certificate's key"
            ),
            remedy: Text(
                "Faire examiner la carte : elle peut être contrefaite ou abîmée.",
                "Have the card examined: it may be forged or damaged.")),
    ]
}
