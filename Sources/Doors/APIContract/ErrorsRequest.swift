import Primitives

extension ErrorCatalogue {
    static let request: [ErrorCode: ErrorEntry] = [
        .invalidRequest: ErrorEntry(
            400, .usage, .never,
            title: Text("Requête invalide", "Invalid request"),
            remedy: Text(
                "Corriger la requête ; le champ `detail` dit ce qui ne va pas.",
                "Correct the request; `detail` says what is wrong with it.")),
        .notFound: ErrorEntry(
            404, .other, .never,
            title: Text("Ressource inconnue", "Unknown resource"),
            remedy: Text(
                "Vérifier le chemin et l'identifiant.",
                "Check the path and the id.")),
        .methodNotAllowed: ErrorEntry(
            405, .other, .never,
            title: Text("Méthode non permise sur cette ressource", "Method not allowed on this resource"),
            remedy: Text(
                "Voir les méthodes de la route dans la description de l'API.",
                "See the route's methods in the description of the API.")),
        .payloadTooLarge: ErrorEntry(
            413, .usage, .never,
            title: Text("Corps de requête trop grand", "Request body too large"),
            remedy: Text(
                "Envoyer 64 Kio au plus, 1 Kio pour un secret, 16 Mio pour un document à signer.",
                "Send at most 64 KiB, 1 KiB for a secret, 16 MiB for a document to sign.")),
        .unsupportedMediaType: ErrorEntry(
            415, .usage, .never,
            title: Text("Type de contenu non accepté", "Content type not accepted"),
            remedy: Text(
                "Envoyer le type que la route demande.",
                "Send the type that the route asks for.")),
        .forbidden: ErrorEntry(
            403, .refused, .never,
            title: Text("Opération non permise à cet utilisateur", "This user may not do this"),
            remedy: Text(
                "Utiliser le compte prévu, ou demander au référent d'ouvrir ce droit.",
                "Use the account meant for it, or ask the référent for this right.")),
        .notAtSeat: ErrorEntry(
            403, .refused, .never,
            title: Text("Ce programme n'est pas devant le lecteur", "This program does not sit at the reader"),
            remedy: Text(
                "Utiliser la session ouverte à l'écran du poste. Un service légitime se déclare dans `readers.units`.",
                "Use the session that is open at the workstation's screen. A service that may is named in `readers.units`.")),
        .operationDenied: ErrorEntry(
            403, .refused, .never,
            title: Text("Opération non permise à ce programme", "This program may not do this"),
            remedy: Text(
                "Ajouter `operation` à l'entrée `client` de la section `clients` de la configuration.",
                "Add `operation` to the entry `client` in the `clients` section of the configuration.")),
        .audienceDenied: ErrorEntry(
            403, .refused, .never,
            title: Text(
                "Ce programme ne peut pas demander de jeton pour ce service", "This program may not ask for tokens for this service"),
            remedy: Text(
                "Ajouter `audience` à l'entrée `client` de la section `clients` de la configuration.",
                "Add `audience` to the entry `client` in the `clients` section of the configuration.")),
        .rateLimited: ErrorEntry(
            429, .refused, .later,
            title: Text("Trop de demandes", "Too many requests"),
            remedy: Text(
                "Attendre `retry_after` secondes.",
                "Wait `retry_after` seconds.")),
    ]
}
