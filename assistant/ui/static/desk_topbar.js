// The header has nothing but a link and a form.
