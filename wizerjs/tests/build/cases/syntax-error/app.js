// An older artifact must stay.

export default { fetch( ; };
