import Primitives

extension ErrorCatalogue {
    static let signature: [ErrorCode: ErrorEntry] = [
        .signatureKeyMissing: ErrorEntry(
            409, .other, .never,
            title: Text("La carte n'a pas de clé de signature utilisable", "The card has no signature key that can be used"),
            remedy: Text(
                "Signer avec une carte CPS par contact, ou faire contrôler la carte.",
                "Sign with a CPS card through its contacts, or have the card checked."))
    ]
}
