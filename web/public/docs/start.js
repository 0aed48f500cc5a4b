// The API's reference, from the document that the Worker makes of its endpoint table.
window.SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null });
