import Primitives

extension ErrorCatalogue {
    static let signature: [ErrorCode: ErrorEntry] = [
        .signatureKeyMissing: ErrorEntry(
            409, .other, .never,
            title: Text("La carte n'a pas de clé de signature utilisable", "The card has no signature key that can be used"),
            remedy: Text(
                "Signer avec une carte CPS par contact, ou faire contrôler la carte.",
                "Sign with a CPS card through its contacts, or have the card checked.")),
        .cardSessionRequired: ErrorEntry(
            409, .refused, .never,
            title: Text("Une session ouverte par carte est nécessaire", "A session opened by card is needed"),
            remedy: Text(
                "Se connecter avec la carte et son code : seule la carte signe.",
                "Log in with the card and its PIN: only the card signs.")),
        .hashInvalid: ErrorEntry(
            422, .usage, .never,
            title: Text("Empreinte non acceptée", "Hash not accepted"),
            remedy: Text(
                "Donner une empreinte SHA-256 : `sha256` et 64 chiffres hexadécimaux.",
                "Give a SHA-256: `sha256` and 64 hexadecimal digits.")),
        .batchTooLarge: ErrorEntry(
            422, .usage, .never,
            title: Text("Trop de signatures pour un seul code", "Too many signatures for one PIN"),
            remedy: Text(
                "Demander 32 signatures au plus par lot (documents fois formats).",
                "Ask for at most 32 signatures a batch (documents times formats).")),
        .documentMissing: ErrorEntry(
            409, .usage, .now,
            title: Text("Des documents à signer manquent encore", "Documents to sign have yet to come"),
            remedy: Text(
                "Envoyer les documents que `awaits` nomme, puis le code. Aucun essai n'a été consommé.",
                "Send the documents that `awaits` names, then the PIN. No try was spent.")),
        .timestampUnavailable: ErrorEntry(
            503, .other, .later,
            title: Text("Pas d'horodatage", "No time-stamp could be had"),
            remedy: Text(
                "Configurer `signatures.timestamp`, ou voir `detail`. Une signature déjà faite est donnée sans horodatage.",
                "Configure `signatures.timestamp`, or see `detail`. A signature that was made is given without a stamp.")),
    ]
}
